/** Parts of a regular expression, as far as the lexer's patterns use them. */
const partPattern =
  /<(?<name>\w+)>|(?<set>\[(?:\\.|[^\]\\])*\])|(?<open>\(\?:|\()|(?<close>\))|(?<bar>\|)|(?<times>[*+?])|(?<character>\\.|.)/gs;

interface Piece {
  readonly kind: 'word' | 'literal' | 'open' | 'close';
  readonly text: string;
}

/**
 * A regular expression's source as a right-hand side of EBNF: characters become quoted strings, groups get plain
 * parentheses, and what `names` holds the source of is named. Sets, quantifiers and bars are the same in both.
 */
export function ebnfOfPattern(source: string, names: ReadonlyMap<string, string> = new Map()): string {
  let marked = source;
  for (const [name, named] of names) {
    if (named !== source) marked = marked.replaceAll(named, `<${name}>`);
  }
  const pieces: Piece[] = [];
  for (const { groups = {} } of marked.matchAll(partPattern)) {
    const { name, set, open, close, bar, times, character } = groups;
    if (times !== undefined) quantify(pieces, times);
    else if (character !== undefined) addCharacter(pieces, character);
    else if (open !== undefined) pieces.push({ kind: 'open', text: '(' });
    else if (close !== undefined) pieces.push({ kind: 'close', text: ')' });
    else pieces.push({ kind: 'word', text: name ?? set ?? bar ?? '' });
  }
  return pieces.reduce((text, { kind, text: piece }, index) => {
    const isTight = index === 0 || kind === 'close' || pieces[index - 1]?.kind === 'open';
    return `${text}${isTight ? '' : ' '}${kind === 'literal' ? quoted(piece) : piece}`;
  }, '');
}

function addCharacter(pieces: Piece[], character: string): void {
  const plain = /^\\[^a-z]/i.test(character) ? character.slice(1) : character;
  const last = pieces.at(-1);
  if (last?.kind === 'literal') pieces[pieces.length - 1] = { kind: 'literal', text: last.text + plain };
  else pieces.push({ kind: 'literal', text: plain });
}

/** A quantifier belongs to what stands before it: of a literal, to its last character. */
function quantify(pieces: Piece[], times: string): void {
  const last = pieces.pop();
  if (last === undefined) throw new Error(`the pattern begins with ${times}`);
  if (last.kind !== 'literal') {
    pieces.push({ ...last, text: last.text + times });
    return;
  }
  const characters = last.text.match(/\\.|./gs) ?? [];
  const rest = characters.slice(0, -1).join('');
  if (rest !== '') pieces.push({ kind: 'literal', text: rest });
  pieces.push({ kind: 'word', text: `${quoted(characters.at(-1) ?? '')}${times}` });
}

function quoted(text: string): string {
  return text.includes('"') || text.includes('\\') ? `'${text}'` : `"${text}"`;
}
