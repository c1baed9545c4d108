// Elements from code, without ever turning a string into markup.

/** An element. `on…` properties are listeners, `class` and other names are attributes; false and null leave them out. */
export function element(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** The same for SVG. */
export function drawing(name, properties = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

/** One of the page's own icons. */
export function icon(name) {
  return drawing("svg", { class: "icon", "aria-hidden": "true" }, drawing("use", { href: `#i-${name}` }));
}

/** Make `parent` hold these nodes, keeping those at the beginning that look the same, so that only what is new moves. */
export function settle(parent, nodes) {
  const wanted = [...nodes];
  let kept = 0;
  while (kept < wanted.length && parent.childNodes[kept]?.isEqualNode(wanted[kept])) kept += 1;
  while (parent.childNodes.length > kept) parent.lastChild.remove();
  parent.append(...wanted.slice(kept));
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
