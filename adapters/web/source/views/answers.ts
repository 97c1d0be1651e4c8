// answers.ts - what the gateway answers, as far as the page reads it (/openapi.json has all of it).

export interface Milestone {
  code: string;
  zh: string;
  en: string;
  first: string;
  last: string;
  record: number;
  declaration: string;
}

export interface Line {
  record: number;
  recorded: string;
  at: string;
  family: string;
  party: string;
  account?: string;
  what_zh: string;
  what_en: string;
  state: string;
  state_zh: string;
  state_en: string;
  taken_back_by?: number;
}

export interface Thing {
  id: string;
  party: string;
  state: string;
  state_zh: string;
  state_en: string;
}

export interface Declaration extends Thing {
  modes: { code: string; zh: string; en: string }[];
  seq_no: string;
  entry_number: string;
}

export interface Booking extends Thing {
  site: string;
  slot_start: string;
}

export interface Consignment {
  subject: string;
  port: string;
  bill: string;
  direction: string;
  state: string;
  state_zh: string;
  state_en: string;
  containers: string[];
  declarations: Declaration[];
  bookings: Booking[];
  milestones: Milestone[];
  planned: { code: string; zh: string; en: string; at: string; record: number }[];
  timeline: Line[];
  more: boolean;
}

export interface Track {
  query: string;
  consignments: Consignment[];
}

export interface UsualStep {
  name: string;
  zh: string;
  en: string;
  from: string;
  to: string;
  side: string;
  n: number;
  p50?: number;
  p90?: number;
}

export interface Usual {
  from: string;
  to: string;
  directions: {
    direction: string;
    start: string; // the milestone that the chain begins with
    start_zh: string;
    start_en: string;
    steps: UsualStep[];
    asides: UsualStep[]; // what not all go through: an inspection
  }[];
  moments: Code[]; // that are planned ahead, and end no step: the berth
}

export interface Alert {
  record: number;
  alert: string;
  alert_zh: string;
  alert_en: string;
  alarm: boolean;
  note: string;
  subject: string;
  thing: string;
  since: string;
  state: string;
  state_zh: string;
  state_en: string;
}

export interface Slot {
  site: string;
  site_zh: string;
  site_en: string;
  lane: string;
  lane_zh: string;
  lane_en: string;
  slot_start: string;
  slot_end: string;
  places: number;
  taken: number;
  mine: number;
  open: boolean;
}

export interface Code {
  code: string;
  zh: string;
  en: string;
}

export interface PickUp {
  id: string;
  subject: string;
  container: string;
  truck: string;
  until: string;
  gate: string;
  state_zh: string;
  state_en: string;
  token: string;
}

export interface Tariff {
  operator: string;
  party_zh: string;
  party_en: string;
  port: string;
  version: string;
  item: string;
  item_zh: string;
  item_en: string;
  name: string;
  unit: string;
  rate: string;
  currency: string;
  basis: string;
}

export interface PublishedList {
  operator: string;
  port: string;
  version: string;
  party_zh: string;
  party_en: string;
  valid_from: string;
  valid_until: string;
  lines: number;
}

export interface ChargeList {
  port: string;
  version: string;
  zh: string;
  en: string;
  valid_from: string;
  valid_until: string;
  tariffs: { item: string; zh: string; en: string; name: string; unit: string; rate: string; currency: string; basis: string; withdrawn_from: string }[];
  against?: { version: string };
  changes?: { item: string; unit: string; name: string; change: string; before: string; after: string }[];
  versions: { version: string; valid_from: string }[];
}

export interface Charged {
  note: string;
  line: string;
  operator: string;
  party_zh: string;
  party_en: string;
  port: string;
  subject: string;
  item_zh: string;
  item_en: string;
  rate: string;
  listed: string;
  against: "above" | "below" | "listed" | "off";
  against_zh: string;
  against_en: string;
  amount: string;
  currency: string;
  version: string;
  complaint: string;
  complaint_state_zh: string;
  complaint_state_en: string;
}

export interface Inspection {
  site: string;
  lane: string;
  position: number;
  state: string;
  state_zh: string;
  state_en: string;
  slot_start: string;
  slot_end: string;
  mode_zh: string;
  mode_en: string;
  attendance_zh: string;
  attendance_en: string;
  priority_zh: string;
  priority_en: string;
  because_zh: string;
  because_en: string;
  mode: string;
  booking: string;
  party: string;
  subject: string;
  record: number;
}

export interface Figures {
  n: number;
  mean?: number;
  median?: number;
  p10?: number;
  p25?: number;
  p75?: number;
  p90?: number;
  within_24h?: number;
  share?: number;
}

export interface Segment {
  name: string;
  zh: string;
  en: string;
  from: string;
  to: string;
  available: Figures;
  signed: Figures;
  clamped: Figures;
}

export interface Compared {
  from: string;
  to: string;
  n: number;
  mean?: number;
  change?: number;
}

export interface Against {
  year: string;
  hours: number;
  change?: number;
}

export interface Overall extends Figures {
  from: string;
  to: string;
  base?: Against;
  target?: Against;
  previous: Compared;
  previous_year: Compared;
}

export interface Group {
  value?: string; // of one of the groups; zh and en with it
  zh?: string;
  en?: string;
  population: number;
  complete: number;
  in_order: number;
  segments: Segment[];
  overall?: Overall;
}

export interface Mark {
  code: string;
  zh: string;
  en: string;
  n: number;
}

export interface Change {
  compared_with: string;
  n_then: number;
  n_now: number;
  mean_then?: number; // without the segments and the dimensions: there is nothing to compare
  mean_now?: number;
  segments?: { name: string; from: string; to: string; mean_then: number; mean_now: number; change: number; share?: number }[];
  dimensions?: { by: string; zh: string; en: string; within: number; mix: number }[];
}

/** Whose telling a missing milestone was, and of how many; a party "" is not known. */
export interface Owner { role: string; role_zh: string; role_en: string; party: string; party_zh: string; party_en: string; missing: number; of: number }

export interface Direction extends Group {
  declarations: number;
  without_containers?: number;
  of_unknown_size?: number;
  unread?: number;
  groups?: Group[];
  excluded: Mark[];
  doubted: Mark[];
  coverage: { milestone: string; zh: string; en: string; missing: number; declarations: number; told_by: string[]; whose: Owner[] }[];
  slowest: { n: number; from?: number; held_by: { segment: string; from: string; to: string; side: string; n: number }[] };
  why?: Change;
  revision?: { added: number; removed: number; changed: number };
}

export interface Snapshot {
  number: number;
  revision: boolean;
  at: string;
  record: number;
  definition: string;
}

export interface Report {
  period: { from: string; to: string; month?: string; as_of?: number };
  definition?: { number: number; record: number; digest: string };
  unit: string;
  by?: string;
  by_zh?: string;
  by_en?: string;
  dimensions: { by: string; zh: string; en: string }[];
  snapshots: Snapshot[];
  import?: Direction;
  export?: Direction;
}
