// number.ts - a number as people type and paste it: from a chat, a table, a document in Chinese type, off the door of a container.

const APART = /[\s\-.()[\]]/g; // what stands between the parts of a number, and is no part of it

/** What was meant: letters, digits and signs of full width (as an input method makes them) as plain ones, without what is not seen,
 *  without the word it was pasted with ("箱号：..."), any blanks as one. A container's number, which has one form, is brought to it. */
export function meant(words: string): string {
  const plain = words.replace(/[\uff0d-\uff19\uff21-\uff3a\uff41-\uff5a]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\p{Cf}\p{Cc}]+/gu, (unseen) => (/\s/.test(unseen) ? " " : "")).replace(/^\s*\p{Script=Han}{1,8}\s*[:：]/u, "").replace(/\s+/g, " ").trim();
  const container = joined(plain).toUpperCase();
  return /^[A-Z]{3}[UJZ]\d{7}$/.test(container) ? container : plain;
}

/** The same without what stands between its parts: a bill of lading is often written in groups. */
export function joined(number: string): string {
  return number.replace(APART, "");
}
