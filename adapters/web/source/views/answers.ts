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
  timeline: Line[];
  more: boolean;
}

export interface Track {
  query: string;
  consignments: Consignment[];
}

export interface Usual {
  from: string;
  to: string;
  directions: {
    direction: string;
    steps: {
      name: string; zh: string; en: string; from: string; to: string;
      side: string; n: number; p50?: number; p90?: number;
    }[];
  }[];
}

export interface Alert {
  record: number;
  alert: string;
  alert_zh: string;
  alert_en: string;
  subject: string;
  thing: string;
  since: string;
  state: string;
  state_zh: string;
  state_en: string;
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
  booking: string;
  party: string;
  subject: string;
}

export interface Figures {
  n: number;
  mean?: number;
  median?: number;
  p90?: number;
}

export interface Segment {
  name: string;
  zh: string;
  en: string;
  from: string;
  to: string;
  available: Figures;
  clamped?: Figures & { share?: number };
}

export interface Compared extends Figures {
  from?: string;
  to?: string;
  change?: number;
}

export interface Group {
  value?: string;
  population: number;
  complete: number;
  segments: Segment[];
  overall?: Figures & {
    from: string; to: string;
    previous?: Compared; previous_year?: Compared;
    base?: { year: string; change?: number }; target?: { year: string; change?: number };
  };
}

export interface Direction extends Group {
  declarations: number;
  groups?: Group[];
  excluded?: { code: string; zh: string; en: string; n: number }[];
  doubted?: { code: string; zh: string; en: string; n: number }[];
  coverage?: { milestone: string; missing: number; told_by: string[] }[];
  slowest?: { n: number; held_by: { segment: string; from: string; to: string; side: string; n: number }[] };
}

export interface Report {
  period: { from: string; to: string; month?: string };
  definition: { number: number; record: number };
  import?: Direction;
  export?: Direction;
}
