/** Rows that were found, `neighbours` for each query. */
export interface NearestList {
  readonly neighbours: number;
  /** [queries, neighbours]: indices of rows, nearest first. */
  readonly rows: Int32Array;
  /** [queries, neighbours]: their dot products with the query. */
  readonly cosines: Float64Array;
}

export interface FeatureRows {
  /** [at least size, width]: rows of length 1. */
  readonly features: Float32Array;
  readonly size: number;
}

export interface NearestRowsTask {
  /** Its features go on to a multiple of `QUERY_TILE` rows. */
  readonly queries: FeatureRows;
  readonly bank: FeatureRows;
  readonly width: number;
  /** At most the size of the bank. */
  readonly neighbours: number;
}

/** Queries that are compared at once: each number of the bank is fetched once for so many. */
export const QUERY_TILE = 4;

/** Numbers of the bank that stay in the processor's second cache while all queries pass by. */
const BLOCK_ELEMENTS = 48 * 1024;

/**
 * For each query the rows of the bank with the largest dot products. These are summed in float64 from the first number to the
 * last, so the result does not depend on how the rows were cut into blocks; of equal ones the lower row comes first.
 */
export function nearestRows({ queries, bank, width, neighbours }: NearestRowsTask): NearestList {
  const tiles = Math.ceil(queries.size / QUERY_TILE);
  const best = new BestRows(tiles * QUERY_TILE, neighbours);
  const blockRows = Math.max(2, 2 * Math.floor(BLOCK_ELEMENTS / width / 2));
  const products = new Float64Array(2 * QUERY_TILE);
  for (let begin = 0; begin < bank.size; begin += blockRows) {
    const end = Math.min(begin + blockRows, bank.size);
    for (let tile = 0; tile < tiles; tile++) {
      const query = tile * QUERY_TILE;
      for (let row = begin; row < end; row += 2) {
        // The last row of an odd number stands for its missing partner as well, whose products are dropped.
        const partner = Math.min(row + 1, end - 1);
        multiplyTile(
          queries.features,
          query * width,
          bank.features,
          row * width,
          partner * width,
          width,
          products,
        );
        for (let i = 0; i < QUERY_TILE; i++) {
          best.offer(query + i, row, products[i] ?? 0);
          if (partner !== row) best.offer(query + i, partner, products[QUERY_TILE + i] ?? 0);
        }
      }
    }
  }
  const found = queries.size * neighbours;
  return { neighbours, rows: best.rows.slice(0, found), cosines: best.products.slice(0, found) };
}

/**
 * The dot products of four queries, which follow each other from `query` on, with two rows. Eight sums at a time are what
 * the processor's registers hold: three to four times as fast as one.
 */
function multiplyTile(
  queries: Float32Array,
  query: number,
  bank: Float32Array,
  first: number,
  second: number,
  width: number,
  products: Float64Array,
): void {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  const query1 = query + width;
  const query2 = query1 + width;
  const query3 = query2 + width;
  for (let i = 0; i < width; i++) {
    const a = bank[first + i] ?? 0;
    const b = bank[second + i] ?? 0;
    const q0 = queries[query + i] ?? 0;
    const q1 = queries[query1 + i] ?? 0;
    const q2 = queries[query2 + i] ?? 0;
    const q3 = queries[query3 + i] ?? 0;
    a0 += q0 * a;
    a1 += q1 * a;
    a2 += q2 * a;
    a3 += q3 * a;
    b0 += q0 * b;
    b1 += q1 * b;
    b2 += q2 * b;
    b3 += q3 * b;
  }
  products[0] = a0;
  products[1] = a1;
  products[2] = a2;
  products[3] = a3;
  products[4] = b0;
  products[5] = b1;
  products[6] = b2;
  products[7] = b3;
}

/** The rows with the largest products for each query, in descending order. */
class BestRows {
  readonly rows: Int32Array;
  readonly products: Float64Array;
  readonly #neighbours: number;

  constructor(queries: number, neighbours: number) {
    this.#neighbours = neighbours;
    this.rows = new Int32Array(queries * neighbours);
    this.products = new Float64Array(queries * neighbours).fill(Number.NEGATIVE_INFINITY);
  }

  /** Keeps the row if it is among the best so far. Rows come in ascending order, so equal ones stay in that order. */
  offer(query: number, row: number, product: number): void {
    const { rows, products } = this;
    const first = query * this.#neighbours;
    let place = first + this.#neighbours - 1;
    if (!(product > (products[place] ?? 0))) return;
    for (; place > first && product > (products[place - 1] ?? 0); place--) {
      products[place] = products[place - 1] ?? 0;
      rows[place] = rows[place - 1] ?? 0;
    }
    products[place] = product;
    rows[place] = row;
  }
}
