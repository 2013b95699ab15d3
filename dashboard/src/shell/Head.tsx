import { Asleep, Help as HelpIcon, Light, Translate } from "@carbon/icons-react";
import {
  Header,
  HeaderGlobalAction,
  HeaderGlobalBar,
  HeaderMenuButton,
  HeaderMenuItem,
  HeaderName,
  HeaderNavigation,
  HeaderSideNavItems,
  SideNav,
  SideNavItems,
} from "@carbon/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { VIEWS, type ViewName } from "@/place/place";
import { useLink, usePlace } from "@/place/usePlace";
import { otherLanguage, speak } from "@/words/words";
import { dress, useTheme } from "./useTheme";

/** The head of the page: views, language, theme, help. */
export function Head({ help }: { help: () => void }) {
  const { t } = useTranslation();
  const theme = useTheme();
  const [open, setOpen] = useState(false);
  return (
    <Header aria-label={t("product")}>
      <HeaderMenuButton aria-label={t("menu")} isActive={open} onClick={() => setOpen(!open)} />
      <HeaderName href="/" prefix="">
        {t("product")}
      </HeaderName>
      <HeaderNavigation aria-label={t("menu")}>
        <Items chose={() => {}} />
      </HeaderNavigation>
      <HeaderGlobalBar>
        <HeaderGlobalAction aria-label={t("languageAbout")} onClick={() => speak(otherLanguage())}>
          <Translate />
        </HeaderGlobalAction>
        <HeaderGlobalAction
          aria-label={theme === "g100" ? t("toLight") : t("toDark")}
          onClick={() => dress(theme === "g100" ? "white" : "g100")}
        >
          {theme === "g100" ? <Light /> : <Asleep />}
        </HeaderGlobalAction>
        <HeaderGlobalAction aria-label={t("help")} tooltipAlignment="end" onClick={help}>
          <HelpIcon />
        </HeaderGlobalAction>
      </HeaderGlobalBar>
      {open && (
        <SideNav aria-label={t("menu")} expanded isPersistent={false} onSideNavBlur={() => setOpen(false)}>
          <SideNavItems>
            <HeaderSideNavItems>
              <Items chose={() => setOpen(false)} />
            </HeaderSideNavItems>
          </SideNavItems>
        </SideNav>
      )}
    </Header>
  );
}

function Items({ chose }: { chose: () => void }) {
  const { t } = useTranslation();
  const { panes, focus } = usePlace();
  const link = useLink();
  const item = (view: ViewName) => {
    const { href, onClick } = link({ view });
    return (
      <HeaderMenuItem
        key={view}
        href={href}
        isActive={panes[focus]?.view === view}
        onClick={(event) => {
          onClick(event);
          chose();
        }}
      >
        {t(`views.${view}`)}
      </HeaderMenuItem>
    );
  };
  return <>{VIEWS.map(item)}</>;
}
