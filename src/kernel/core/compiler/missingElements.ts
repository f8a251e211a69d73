/**
 * Elements that an object does not have, as in `data[0]`. TypeScript complains of them in strict mode alone, which would
 * complain of much that a learner may leave out.
 *
 * @module
 */

import type * as Ts from 'typescript-js';
import type { Complaint, TypeScript } from './system';

/** TypeScript's own number for such an element. */
const NO_ELEMENT = 7053;
/** Comments that switch complaints off. */
const UNCHECKED = /@ts-(?:ignore|nocheck)/;

/** The places where a file takes an element by its number from an object whose class or interface has none. */
export function missingElements(ts: TypeScript, checker: Ts.TypeChecker, file: Ts.SourceFile): Complaint[] {
  if (UNCHECKED.test(file.text)) return [];
  const complaints: Complaint[] = [];
  const look = (node: Ts.Node): void => {
    if (ts.isElementAccessExpression(node) && isMissing(node)) complaints.push(complaintAbout(node));
    ts.forEachChild(node, look);
  };
  const isMissing = ({ expression, argumentExpression }: Ts.ElementAccessExpression): boolean => {
    const type = checker.getTypeAtLocation(expression);
    const isNamed =
      ((type.getSymbol()?.flags ?? 0) & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) !== 0;
    if (!isNamed) return false;
    const index = checker.getTypeAtLocation(argumentExpression);
    if ((index.flags & ts.TypeFlags.NumberLike) === 0) return false;
    const isDeclared = index.isNumberLiteral() && type.getProperty(String(index.value)) !== undefined;
    return !isDeclared && checker.getIndexInfosOfType(type).length === 0;
  };
  const complaintAbout = (node: Ts.ElementAccessExpression): Complaint => ({
    start: node.getStart(),
    length: node.getWidth(),
    code: NO_ELEMENT,
    messageText: `Type '${checker.typeToString(checker.getTypeAtLocation(node.expression))}' has no element [${node.argumentExpression.getText()}].`,
  });
  look(file);
  return complaints;
}
