import { mount } from "heliotrope-widget";
import { useEffect, useRef } from "react";

/** The guide on the page, for as long as this is mounted; `user` is whoever is signed in on the site, or null. */
export function Guide({ host, site, user, theme = "auto", onAnswered }) {
  const guide = useRef(null);

  useEffect(() => {
    guide.current = mount({ host, site, theme });
    return () => guide.current.destroy();
  }, [host, site]);

  // Another user, or nobody: everything that the widget shows changes with them.
  useEffect(() => {
    guide.current.identify(user ? async () => (await fetch("/identity")).text() : null);
  }, [user, host, site]);

  useEffect(() => guide.current.theme(theme), [theme]);
  useEffect(() => onAnswered && guide.current.on("answered", onAnswered), [onAnswered, host, site]);
  return null;
}
