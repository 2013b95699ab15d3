import { type ReactNode, useId } from "react";

interface Props {
  title: string;
  /** One sentence that says what is seen. */
  about?: string | undefined;
  /** Buttons at the right of the title. */
  tools?: ReactNode;
  children: ReactNode;
}

/** A part of a view with its title. */
export function Section({ title, about, tools, children }: Props) {
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <header className="section__head">
        <div>
          <h3 id={id}>{title}</h3>
          {about && <p className="section__about">{about}</p>}
        </div>
        {tools && <div className="section__tools">{tools}</div>}
      </header>
      {children}
    </section>
  );
}
