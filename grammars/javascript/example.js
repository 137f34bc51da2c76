import fs from "fs";
const path = require("path");
export { join } from "./join.js";

// Greets.
export class Greeter extends Base {
  #name = "x";
  handler = (event) => {
    this.greet(event);
  };

  constructor(name) {
    super();
    this.path = path;
    if (name) {
      this.name = `${name}!`;
    } else {
      try {
        throw name;
      } catch (error) {
      }
    }
  }

  static async *greet() {
    switch (this.name) {
      case 1:
        break;
    }
  }
}

export default function main(argument) {
  const local = { key: 1, call() { return 2; }, other: function () { return /x/; } };
  return local;
}

export const arrow = async (x) => {
  return x.map((y) => { return y; });
};

function* numbers() {
  yield 1;
}

module.exports.run = function () {
};

var legacy = require("legacy");
import "./side.js";
import { join } from "path";
export { other } from "./other.js";
const { a, b: c } = require("./pair");
const lazy = () => import("./lazy.js");
const Named = class {
};
const page = <p>Hello there</p>;
