import { Component, type ReactNode } from "react";
import { Translation } from "react-i18next";
import { Note } from "@/parts/Note";

/** Keeps a view that breaks from breaking the page. */
export class Fence extends Component<{ children: ReactNode }, { broken?: string }> {
  override state: { broken?: string } = {};

  static getDerivedStateFromError(error: unknown) {
    return { broken: String(error) };
  }

  override render() {
    const { broken } = this.state;
    if (broken === undefined) return this.props.children;
    return <Translation>{(t) => <Note kind="error" title={t("state.crashed")} about={broken} />}</Translation>;
  }
}
