// Runs cdk-nag over CloudFormation templates, and prints every finding: check.mjs FILE... Each file has the output of
// `examples/test/attach/transform.py`. A finding without a suppression fails, and so does a suppression without a
// finding.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

import { suppressions } from './suppressions.mjs';

const threw = 'Rule threw an error during validation.';

/** Returns a value in which each Fn::If is replaced by one of its branches, because most rules cannot read it. */
function choose(value, branch) {
  if (Array.isArray(value)) {
    return value.map((it) => choose(it, branch)).filter((it) => it !== undefined);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (value.Ref === 'AWS::NoValue') {
    return undefined;
  }
  if ('Fn::If' in value) {
    return choose(value['Fn::If'][branch], branch);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, it]) => [key, choose(it, branch)])
      .filter(([, it]) => it !== undefined),
  );
}

/** Returns what cdk-nag finds in a template: a description for each `RULE RESOURCE`. */
function check(template, folder) {
  const found = new Map();
  for (const branch of [1, 2]) {
    const file = join(folder, 'template.json');
    writeFileSync(file, JSON.stringify({ ...template, Resources: choose(template.Resources, branch) }));
    const stack = new Stack(new App(), 'Stack');
    new CfnInclude(stack, 'Template', { templateFile: file });
    for (const pack of [AwsSolutionsChecks, ServerlessChecks]) {
      const { violations } = new pack(undefined, { verbose: true }).validateScope(stack);
      for (const { ruleName, description, violatingResources } of violations) {
        // A rule that cannot decide is no finding of that rule, so no suppression of the rule covers it.
        const rule = description.startsWith(threw) ? `${ruleName}[threw]` : ruleName;
        for (const { constructPath } of violatingResources) {
          found.set(`${rule} ${basename(constructPath)}`, description);
        }
      }
    }
  }
  return found;
}

/** Returns whether a suppression's rule covers the rule of a finding. `RULE[*]` covers all findings with details. */
function covers(suppressing, rule) {
  return suppressing === rule || (suppressing.endsWith('[*]') && rule.startsWith(suppressing.slice(0, -2)));
}

const folder = mkdtempSync(join(tmpdir(), 'nag-'));
const used = new Set();
const suppressed = new Map();
const faults = [];
try {
  for (const file of process.argv.slice(2)) {
    const name = `${basename(file, '.json')}.yaml`;
    for (const [finding, description] of check(JSON.parse(readFileSync(file, 'utf8')).template, folder)) {
      const [rule, resource] = finding.split(' ');
      const uses = suppressions
        .filter((it) => covers(it.rule, rule))
        .flatMap((it) => (it.resources[name] ?? []).map((id) => [it.rule, id]))
        .filter(([, id]) => id === '*' || id === resource);
      uses.forEach(([suppressing, id]) => used.add(`${suppressing} ${name} ${id}`));
      if (uses.length > 0) {
        suppressed.set(`${rule} ${name}`, [...(suppressed.get(`${rule} ${name}`) ?? []), resource]);
      } else {
        faults.push(`${name}: ${resource}: ${rule}: ${description}`);
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

for (const { rule, reason, resources } of suppressions) {
  if (!reason) {
    faults.push(`suppressions.mjs: ${rule} has no reason`);
  }
  for (const [name, ids] of Object.entries(resources)) {
    for (const id of ids.filter((it) => !used.has(`${rule} ${name} ${it}`))) {
      faults.push(`suppressions.mjs: ${rule} suppresses nothing at ${name}: ${id}`);
    }
  }
}
for (const [rule, resources] of suppressed) {
  console.log(`suppressed: ${rule}: ${resources.join(', ')}`);
}
for (const fault of faults) {
  console.error(`nag: ${fault}`);
}
process.exitCode = faults.length > 0 ? 1 : 0;
