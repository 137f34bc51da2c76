import { Base } from "./base";
import type { Options } from "./options";
export * from "./other";

type Name = string;
export type Pair = [Name, Name];

/** Greets. */
export abstract class Greeter<T> extends Base implements Hello {
  private handler = (event: Event): void => {
    this.greet(event);
  };

  constructor(private readonly name: Name) {
    super();
    this.legacy = legacy;
  }

  abstract wave(): void;

  async greet(event?: Event): Promise<void> {
    if (event) {
    }
  }
}

interface Hello {
  greet(event?: Event): Promise<void>;
}

export enum Colour {
  Red = "red",
}

namespace Inner {
  export function make(options: Options): Greeter<Name> {
    return options.make(`x`);
  }
}

export const arrow = (x: number): number => {
  return x;
};

const legacy = require("legacy");
import "./side";
import Whole from "./whole";
export { other } from "./other";
const { a, b: c } = require("./pair");
const lazy = () => import("./lazy");
var old = 1;
class Plain {
  name = "x";
}
interface Sized {
  size: number;
}
module Legacy {
}
function* steps() {
}
const table = {
  key: () => {
  },
};
const Named = class {
};
Plain.prototype.more = function () {
};
switch (old) {
}
const pattern = /x/;
export interface Shown {
}
