/** A tool as it is bound to the model: a name, and a JSON schema of its arguments. */
export interface BoundTool {
  type: 'function';
  function: {
    name: string;
    description?: string;
    parameters?: { properties?: Record<string, { type?: string }> };
  };
}

/** The tools of a shop, found among the bound ones by their names. */
export interface ShopTools {
  menu?: BoundTool;
  add?: BoundTool;
  confirm?: BoundTool;
}

/** Finds out which bound tool does what. */
export function shopTools(tools: readonly BoundTool[]): ShopTools {
  const named = (pattern: RegExp) => tools.find((tool) => pattern.test(tool.function.name));
  return { menu: named(/menu|catalog/), add: named(/add/), confirm: named(/confirm|place|checkout/) };
}

/** Fills the arguments of a tool by the types in its schema: strings with `text`, numbers with `number`. */
export function fillArgs(tool: BoundTool, text: string, number?: number): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(tool.function.parameters?.properties ?? {})) {
    if (type === 'string') args[name] = text;
    else if ((type === 'number' || type === 'integer') && number !== undefined) args[name] = number;
  }
  return args;
}
