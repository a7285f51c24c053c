export function slugify(title) {
  return title
    .toLowerCase()
    .trim()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

export function initials(name) {
  return name
    .split(" ")
    .filter(Boolean)
    .map((part) => part[0].toUpperCase())
    .join("")
    .slice(0, 2);
}

export function truncate(text, length = 8) {
  return text.length <= length ? text : text.substring(0, length - 1) + "…";
}

export function groupBy(items, key = "name") {
  const groups = {};
  for (const item of items) {
    const value = item[key];
    (groups[value] ??= []).push(item);
  }
  return groups;
}
