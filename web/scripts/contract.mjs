// Distinguishes breaking changes of the contract from harmless ones. It compares schema.graphqls with docs/schema/accepted.graphqls, the contract
// as it was last accepted. What could break a client's document, or its reading of an answer, fails, unless the accepted contract has
// deprecated it; additions are listed.
//
//   make contract                              compare
//   npm run contract -- --accept               accept additions
//   npm run contract -- --accept --breaking    accept what breaks clients too: it belongs into the CHANGELOG
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import {
  BreakingChangeType,
  buildSchema,
  DangerousChangeType,
  findBreakingChanges,
  findDangerousChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from "graphql";

// compare returns what breaks clients, as texts, and what was added, as schema coordinates. What graphql-js calls dangerous is
// harmless here, because the contract says that enums, unions and optional inputs may grow. The exception is a changed default,
// which changes the meaning of a document.
export function compare(before, after) {
  const [was, is] = [before, after].map((text) => buildSchema(text));
  const defaults = findDangerousChanges(was, is).filter((c) => c.type === DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE);
  const known = new Set(members(was));
  return {
    breaking: [...findBreakingChanges(was, is).filter((change) => !announced(was, change)), ...defaults].map((c) => c.description),
    added: members(is).filter((m) => !known.has(m)),
  };
}

// announced says whether a change removes what the accepted contract has deprecated.
function announced(was, { type, description }) {
  const [first, second] = description.split(/[ .]/);
  switch (type) {
    case BreakingChangeType.FIELD_REMOVED:
      return was.getType(first)?.getFields()[second]?.deprecationReason != null;
    case BreakingChangeType.VALUE_REMOVED_FROM_ENUM: {
      const name = /from enum type (\w+)/.exec(description)?.[1];
      return was.getType(name)?.getValue(first)?.deprecationReason != null;
    }
    default:
      return false;
  }
}

// members are all members of a schema by their coordinates.
function members(schema) {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith("__"))
    .flatMap((type) => {
      const names = [type.name];
      if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) {
          names.push(`${type.name}.${field.name}`, ...(field.args ?? []).map((a) => `${type.name}.${field.name}(${a.name}:)`));
        }
      }
      if (isEnumType(type)) names.push(...type.getValues().map((v) => `${type.name}.${v.name}`));
      return names;
    });
}

function some(list, most) {
  const more = list.length > most ? [`… and ${list.length - most} more`] : [];
  return [...list.slice(0, most), ...more].map((line) => `    ${line}`).join("\n");
}

function main(flags) {
  const root = resolve(import.meta.dirname, "../..");
  const [accepted, contract] = ["docs/schema/accepted.graphqls", "schema.graphqls"].map((file) => resolve(root, file));
  const { breaking, added } = compare(readFileSync(accepted, "utf8"), readFileSync(contract, "utf8"));
  if (added.length > 0) console.log(`${added.length} additions, harmless to clients:\n${some(added, 20)}`);
  if (breaking.length > 0) console.log(`${breaking.length} changes that break clients:\n${some(breaking, 100)}`);
  if (added.length + breaking.length === 0) console.log("the contract is the accepted one");
  if (flags.includes("--accept") && (breaking.length === 0 || flags.includes("--breaking"))) {
    writeFileSync(accepted, readFileSync(contract));
    console.log("accepted");
  } else if (breaking.length > 0) {
    console.log("A member is deprecated for six months before it goes. To accept this change anyway:");
    console.log("npm --prefix web run contract -- --accept --breaking, and a line in the CHANGELOG.");
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
