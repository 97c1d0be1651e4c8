// vessel.ts - what names a vessel and its voyage: an IMO number, or NAME/VOYAGE.

/** The digit that should stand last, of seven digits; null: it has not that form. */
export function imoDigit(number: string): number | null {
  if (!/^\d{7}$/.test(number)) {
    return null;
  }
  return [7, 6, 5, 4, 3, 2].reduce((sum, weight, place) => sum + weight * Number(number[place]), 0) % 10;
}

/** A call of a vessel that is asked for: "IMO 9074729", "9074729", "海岬示例/026E"; null: it is something else. */
export function callOf(words: string): { vessel: string; voyage: string } | null {
  const imo = /^(IMO\s*)?(\d{7})$/i.exec(words);
  if (imo && (imo[1] || String(imoDigit(imo[2]!)) === imo[2]![6])) { // seven digits alone may be somebody's own number
    return { vessel: imo[2]!, voyage: "" };
  }
  const parts = words.split("/").map((part) => part.trim());
  return parts.length === 2 && parts[0] && parts[1] && !/^[A-Z]{5}$/.test(parts[0]) ? { vessel: parts[0], voyage: parts[1] } : null;
}
