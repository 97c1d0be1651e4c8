// described.ts - the gateway's lists as /openapi.json describes them: what each is called, by what it can be narrowed, and
// what its columns are. A list that is added to the gateway is here without a word about it.
import { headers, problemOf } from "../problem";

interface Schema {
  type?: string;
  description?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

interface Operation {
  operationId: string;
  summary: string;
  "x-roles"?: string[];
  parameters: { name: string; in: string; required: boolean; description?: string; "x-head"?: string; "x-else"?: string; "x-input"?: "date" | "month";
                "x-names"?: string[]; schema: Schema }[];
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

const OF_PAGE = new Set(["limit", "after"]); // which page is asked for, not of what

export interface Column {
  name: string;
  head: string;
  isNamed: boolean; // its words stand in NAME_zh and NAME_en
  isFigure: boolean;
}

export interface Filter {
  name: string;
  head: string;
  title: string; // what it means
  otherwise: string; // what is shown without it; "": all
  input: "date" | "month" | "text";
  choices: { value: string; words: string }[];
}

export interface List {
  name: string; // of the question: /v1/NAME
  title: string;
  member: string; // of the answer, that is the list
  roles: string[];
  filters: Filter[];
  columns: Column[];
}

/* Columns that are shown are those that have a head; NAME_zh and NAME_en are the words of NAME, or stand alone. */
function columnsOf(members: Record<string, Schema>): Column[] {
  const columns = new Map<string, Column>();
  for (const [member, schema] of Object.entries(members)) {
    const name = member.replace(/_(zh|en)$/, "");
    if (schema.description && !columns.has(name)) {
      const isNamed = `${name}_zh` in members;
      columns.set(name, { name, head: schema.description, isNamed, isFigure: ["integer", "number"].includes(schema.type ?? "") });
    }
  }
  return [...columns.values()];
}

/* One list, and asked for in pages: what is more than that has a view of its own. */
function listOf(path: string, operation: Operation): List | null {
  const schema = operation.responses["200"]?.content?.["application/json"]?.schema;
  const [[member, list] = [], ...others] = Object.entries(schema?.properties ?? {}).filter(([, each]) => each.type === "array");
  const members = list?.items?.properties;
  const hasPages = operation.parameters.some((each) => each.name === "after");
  if (!member || !members || others.length || !hasPages || path.includes("{") || !Object.values(members).some((each) => each.description)) {
    return null;
  }
  return {
    name: path.slice("/v1/".length),
    title: operation.summary,
    member,
    roles: operation["x-roles"] ?? [],
    filters: operation.parameters.filter((each) => !OF_PAGE.has(each.name)).map((each) => ({
      name: each.name, head: each["x-head"] ?? each.name, title: each.description ?? each.name, otherwise: each["x-else"] ?? "",
      input: each["x-input"] ?? "text",
      choices: (each.schema.enum ?? []).map((value, place) => ({ value, words: each["x-names"]?.[place] ?? value })),
    })),
    columns: columnsOf(members),
  };
}

/** All lists there are, in the language of now; each says for which roles it is. Throws a Problem. */
export async function describedLists(): Promise<List[]> {
  const response = await fetch("/openapi.json", { headers: headers() });
  if (!response.ok) {
    throw await problemOf(response);
  }
  const paths = ((await response.json()) as { paths: Record<string, { get?: Operation }> }).paths;
  return Object.entries(paths).flatMap(([path, item]) => (item.get && listOf(path, item.get)) || []);
}
