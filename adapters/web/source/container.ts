// container.ts - the check digit of a container's number, ISO 6346.

/** The digit that should stand last, of a whole number (4 letters, 7 digits); null: it has not that form. */
export function checkDigit(number: string): number | null {
  if (!/^[A-Z]{3}[UJZ]\d{7}$/.test(number)) {
    return null;
  }
  let sum = 0;
  for (let i = 0; i < 10; i++) {
    const code = number.charCodeAt(i);
    const letter = code - 65; // A is 10, and multiples of 11 are left out: 11, 22 and 33
    const value = letter >= 0 ? letter + 10 + Math.floor((letter + 9) / 10) : code - 48;
    sum += value * 2 ** i;
  }
  return (sum % 11) % 10;
}
