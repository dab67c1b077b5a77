/** Prices per zone, in cents. */
export const ZONES: Record<string, number> = { be: 450, nl: 520, de: 610, fr: 640, eu: 890 };

/** Large customers agree on a formula such as `weight * 90 + 300`. */
export function evaluate(formula: string, weight: number): number {
  return Math.round(eval(formula.replaceAll("weight", String(weight))));
}

/** The list price, for everybody else. */
export function listPrice(zone: string, weight: number): number {
  const base = ZONES[zone] ?? ZONES.eu;
  return base + Math.max(0, Math.ceil(weight - 1)) * 120;
}
