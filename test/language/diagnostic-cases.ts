import type { diagnostics } from '../../compiler/language/diagnostics.ts';
import { type Files, specOf } from './support.ts';

/** A spec with one mistake, marked ⟦so⟧, and what is to be said about it. */
export interface DiagnosticCase {
  readonly spec: string | Files;
  readonly code: string;
  /** The code of another diagnostic that comes before. */
  readonly before?: string;
  readonly message: string;
  readonly help?: string;
  /** The related places as `line:column message`. */
  readonly related?: readonly string[];
  /** Whether the fix that comes with it leaves a spec without diagnostics. */
  readonly fixed?: boolean;
}

const deepBlock = `${'a { '.repeat(31)} b ⟦{⟧ c {} } ${'}'.repeat(31)}`;
const inner = specOf().split('\n').slice(1, 8).join('\n');
const recipeText = specOf().split('\n').slice(9).join('\n');

/**
 * At least one case for every rule of the registry; the names are those of the registry, where it matters with a
 * variant.
 */
export const diagnosticCases: Readonly<Record<keyof typeof diagnostics, readonly DiagnosticCase[]>> = {
  malformedWord: [
    {
      spec: specOf({ seed: 'seed ⟦12abc⟧' }),
      code: 'MAE101',
      message: '‘12abc’ is neither a name nor a value',
      help: 'values look like 32, 1.5e-4, 75%, 4x, 224x224x3, 20%..100%, a-name or "a string"',
    },
    {
      spec: specOf({ image: 'image ⟦32×32×3⟧' }),
      code: 'MAE101',
      message: '‘32×32×3’ is neither a name nor a value',
      help: 'write 32x32x3',
      fixed: true,
    },
    {
      spec: specOf({ mask: 'mask random ⟦.75⟧' }),
      code: 'MAE101',
      message: '‘.75’ is neither a name nor a value',
      help: 'write 0.75',
      fixed: true,
    },
    {
      spec: { 'a.mae': "import ⟦'./b.mae'⟧\nmodel m extends vit-test", 'b.mae': specOf() },
      code: 'MAE101',
      message: "‘'./b.mae'’ is neither a name nor a value",
      help: 'strings stand between double quotation marks',
      fixed: true,
    },
  ],
  nameStyle: [
    {
      spec: specOf({ augment: 'augment { ⟦Flip⟧ }' }),
      code: 'MAE102',
      message: 'the name ‘Flip’ is not kebab-case',
      help: 'write flip',
      fixed: true,
    },
    {
      spec: specOf({ optimizer: 'optimizer adamw { lr 1e-3 per 256, ⟦weightDecay⟧ 0.1 }' }),
      code: 'MAE102',
      message: 'the name ‘weightDecay’ is not kebab-case',
      help: 'write weight-decay',
      fixed: true,
    },
    {
      spec: specOf({ loss: 'loss mse { target ⟦normalized_pixels⟧ }' }),
      code: 'MAE102',
      message: 'the name ‘normalized_pixels’ is not kebab-case',
      help: 'write normalized-pixels',
      fixed: true,
    },
  ],
  unclosedString: [
    {
      spec: `import ⟦"./recipes.mae⟧ \n${specOf({ pretrain: 'pretrain using another' })}`,
      code: 'MAE103',
      message: 'this string has no closing quotation mark',
      help: 'a string ends with " on the line on which it starts',
    },
  ],
  numberTooLarge: [
    {
      spec: specOf({ seed: 'seed ⟦9007199254740993⟧' }),
      code: 'MAE104',
      message: 'the number ‘9007199254740993’ is too large',
      help: 'counts go up to 9007199254740991 and numbers to about 1.8e308',
    },
    ...[
      'warmup ⟦1e999⟧',
      'warmup ⟦1e999%⟧',
      'warmup ⟦1e999x⟧',
      'warmup ⟦1..1e999⟧',
      'warmup ⟦1x99999999999999999⟧',
    ].map((warmup) => ({ spec: specOf({ warmup }), code: 'MAE104', message: `is too large` })),
  ],
  missingKey: [
    {
      spec: specOf({ optimizer: 'optimizer adamw { lr 1e-3 per 256, betas 0.9, ⟦0.95⟧ }' }),
      code: 'MAE105',
      message: 'a statement begins with a key, not with the number ‘0.95’',
      help: 'the values of one key stand on its line and are separated by blanks, without commas',
    },
    {
      spec: `⟦75% "a" b⟧ { width 3 }\n${specOf()}`,
      code: 'MAE105',
      message: 'a statement begins with a key, not with the percentage ‘75%’',
    },
    {
      spec: specOf({ batch: 'batch 4,⟦096⟧' }),
      code: 'MAE105',
      message: 'a statement begins with a key, not with the count ‘096’',
      help: 'write 4_096',
      fixed: true,
    },
  ],
  unclosedBlock: [
    {
      spec: specOf({ encoder: 'encoder ⟦{⟧ width 192, depth 12, heads 3' }),
      code: 'MAE106',
      message: 'this block is never closed',
      help: 'add a }',
    },
    { spec: `${recipeText}model m ⟦{⟧\n${inner}`, code: 'MAE106', message: 'this block is never closed' },
    {
      spec: `model m ⟦{⟧ ${inner.replaceAll('\n', ',')}\n${recipeText}`,
      code: 'MAE106',
      message: 'this block',
    },
  ],
  strayBrace: [
    {
      spec: `${specOf()}⟦}⟧`,
      code: 'MAE107',
      message: 'this } closes no block',
      help: 'remove it, or add the { that it should close',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads 3 }⟦}⟧' }),
      code: 'MAE107',
      message: 'this } closes no block',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads 3 }\n  ⟦}⟧' }),
      code: 'MAE107',
      message: 'this } closes no block',
    },
  ],
  tooDeep: [
    {
      spec: specOf({ patch: 'patch 4', image: `image 32x32x3\n  ⟦extra⟧ ${deepBlock}` }),
      // What is nested so deep stands below a key that does not exist.
      before: 'MAE201',
      code: 'MAE108',
      message: 'blocks are nested more than 32 deep',
      help: 'no key of the language nests its blocks deeper than four',
    },
  ],
  detachedBlock: [
    {
      spec: specOf({ encoder: 'encoder\n  ⟦{⟧ width 192, depth 12, heads 3 }' }),
      code: 'MAE109',
      message: 'a block opens on the line of its key',
      help: 'move the { up behind its key and values',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads 3 } ⟦{⟧ norm-eps 1 }' }),
      code: 'MAE109',
      message: 'a block opens on the line of its key',
    },
  ],
  valueAfterBlock: [
    {
      spec: specOf({ loss: 'loss { target pixels } ⟦4x⟧' }),
      code: 'MAE110',
      message: 'the multiple ‘4x’ stands behind the block',
      help: 'values come before the block: KEY value { … }',
    },
  ],
  foreignPunctuation: [
    {
      spec: specOf({ seed: 'seed⟦:⟧ 3' }),
      code: 'MAE111',
      message: 'there is no ‘:’ between a key and its value',
      help: 'a key is followed by a blank and its value: width 768',
      fixed: true,
    },
    {
      spec: specOf({ seed: 'seed⟦=⟧3' }),
      code: 'MAE111',
      message: 'there is no ‘=’ between a key and its value',
      fixed: true,
    },
    {
      spec: specOf({ seed: 'seed ⟦:=⟧ 3' }),
      code: 'MAE111',
      message: 'there is no ‘:=’ between a key and its value',
      fixed: true,
    },
  ],
  unknownKey: [
    {
      spec: specOf({ encoder: 'encoder { ⟦wdith⟧ 192, depth 12, heads 3 }' }),
      code: 'MAE201',
      message: 'encoder has no key ‘wdith’',
      help: 'did you mean width?',
      fixed: true,
    },
    {
      spec: specOf({ augment: 'augment { ⟦solarize⟧ 0.4 }' }),
      code: 'MAE201',
      message: 'augment has no key ‘solarize’',
      help: 'its keys are crop, aspect, flip, color-jitter, rand-augment, erase, mixup, cutmix, mix-probability and mix-switch',
    },
    {
      spec: specOf().replace('recipe test', '⟦recip⟧ test'),
      code: 'MAE201',
      message: 'a file has no key ‘recip’',
      help: 'did you mean recipe?',
      fixed: true,
    },
    {
      spec: specOf().replace('recipe test-recipe', '⟦training-plan⟧ test-recipe'),
      code: 'MAE201',
      message: 'a file has no key ‘training-plan’',
      help: 'its keys are import, let, model and recipe',
    },
  ],
  duplicateKey: [
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads 3, ⟦depth 13⟧ }' }),
      code: 'MAE202',
      message: 'depth is given twice',
      help: 'keep one of the two',
      related: ['4:24 first given here'],
    },
  ],
  missingKeys: [
    {
      spec: specOf({ decoder: '⟦decoder⟧ { depth 2 }' }),
      code: 'MAE203',
      message: 'decoder lacks width and heads',
      help: 'add, for example: width 768, heads 12',
    },
    {
      spec: specOf({ decoder: '⟦decoder⟧' }),
      code: 'MAE203',
      message: 'decoder lacks width, depth and heads',
    },
    {
      spec: specOf({ mask: '' }).replace('vit-test', '⟦vit-test⟧'),
      code: 'MAE203',
      message: 'model ‘vit-test’ lacks mask',
    },
    {
      spec: specOf({ batch: '' }).replace('recipe test-recipe', 'recipe ⟦test-recipe⟧'),
      code: 'MAE203',
      message: 'recipe ‘test-recipe’ lacks batch',
      help: 'add, for example: batch 4096',
    },
    {
      spec: specOf({ pretrain: '⟦pretrain⟧ { epochs 3 }' }),
      code: 'MAE203',
      message: 'pretrain lacks batch and optimizer',
    },
    {
      spec: 'model ⟦empty⟧',
      code: 'MAE203',
      message: 'model ‘empty’ lacks image, patch, encoder, decoder, mask, loss and pretrain',
      help: 'add, for example: image 224x224x3, patch 16, encoder { width 768, depth 12, heads 12 }, …',
    },
  ],
  headsDoNotDivideWidth: [
    {
      spec: specOf({ encoder: 'encoder { ⟦width 1281⟧, depth 32, heads 16 }' }),
      code: 'MAE204',
      message: 'width 1281 is not a multiple of heads 16',
      help: 'the nearest widths are 1280 and 1296',
      related: ['4:35 16 heads'],
    },
    {
      spec: specOf({ decoder: 'decoder { ⟦width 8⟧, depth 2, heads 12 }' }),
      code: 'MAE204',
      message: 'width 8 is not a multiple of heads 12',
      help: 'the nearest width is 12',
    },
    {
      // Widths that suit 6 heads but not the positions (1278, 1284 → lcm 12) are not proposed.
      spec: specOf({ encoder: 'encoder { ⟦width 1281⟧, depth 32, heads 6 }' }),
      code: 'MAE204',
      message: 'width 1281 is not a multiple of heads 6',
      help: 'the nearest widths are 1272 and 1284',
    },
  ],
  wrongValue: [
    {
      spec: specOf({ encoder: 'encoder { width ⟦depth⟧ 12, heads 3 }' }),
      code: 'MAE205',
      message: 'width takes a count from 1 to 65536, not the name ‘depth’',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth ⟦75%⟧, heads 3 }' }),
      code: 'MAE205',
      message: 'depth takes a count from 1 to 1024, not the percentage ‘75%’',
    },
    {
      spec: specOf({ optimizer: 'optimizer adamw { lr 1e-3 ⟦for⟧ 256 }' }),
      code: 'MAE205',
      message: 'lr takes the word ‘per’ here, not the name ‘for’',
      help: 'for example: lr 1.5e-4 per 256',
    },
    {
      spec: specOf({ image: 'image ⟦32⟧' }),
      code: 'MAE205',
      message: 'image takes a size height x width x channels, not the count ‘32’',
    },
    {
      spec: specOf({ image: 'image ⟦32x32⟧' }),
      code: 'MAE205',
      message: 'image takes a size height x width x channels, not the size ‘32x32’',
    },
    {
      spec: specOf({ patch: 'patch ⟦4x4x4⟧' }),
      code: 'MAE205',
      message: 'patch takes one side from 1 to 16384 or a size height x width, not the size ‘4x4x4’',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 2, heads 3, mlp ⟦"4x"⟧ }' }),
      code: 'MAE205',
      message:
        'mlp takes a multiple above 0x and at most 64x or a count from 1 to 1048576, not the string ‘"4x"’',
    },
    {
      spec: specOf({ mask: 'mask random ⟦3..4⟧' }),
      code: 'MAE205',
      message: 'mask takes a percentage above 0% and below 100%, not the range ‘3..4’',
    },
    {
      spec: specOf({ augment: 'augment { crop ⟦0.2⟧ }' }),
      code: 'MAE205',
      message: 'crop takes a range above 0% and at most 100%, not the number ‘0.2’',
    },
    {
      spec: specOf({ augment: 'augment { flip ⟦1⟧ }' }),
      code: 'MAE205',
      message: 'flip takes yes or no, not the count ‘1’',
    },
    {
      spec: specOf({ loss: 'loss mse { target ⟦2⟧ }' }),
      code: 'MAE205',
      message: 'target takes pixels or normalized-pixels, not the count ‘2’',
    },
    {
      spec: specOf({ warmup: 'warmup ⟦5%⟧' }),
      code: 'MAE205',
      message: 'warmup takes a number from 0 to 1000000, not the percentage ‘5%’',
    },
    {
      spec: specOf({ pretrain: 'pretrain using ⟦"test-recipe"⟧' }),
      code: 'MAE205',
      message: 'pretrain takes the name of a recipe, not the string ‘"test-recipe"’',
    },
    {
      spec: `${specOf()}model ⟦3⟧ { }`,
      code: 'MAE205',
      message: 'model takes a name of its own, not the count ‘3’',
    },
    {
      spec: 'import ⟦recipes⟧',
      code: 'MAE205',
      message: 'import takes a path in quotation marks, not the name ‘recipes’',
    },
  ],
  missingValue: [
    {
      spec: specOf({ mask: '⟦mask random⟧' }),
      code: 'MAE206',
      message: 'mask lacks a percentage above 0% and below 100%',
      help: 'for example: mask random 75%',
    },
    {
      spec: specOf({ optimizer: 'optimizer adamw { ⟦lr 1e-3⟧ }' }),
      code: 'MAE206',
      message: 'lr lacks the word ‘per’ and a count from 1 to 16777216',
    },
    {
      spec: specOf({ optimizer: 'optimizer adamw { ⟦lr 1e-3 per⟧ }' }),
      code: 'MAE206',
      message: 'lr lacks a count from 1 to 16777216',
    },
    { spec: '⟦model⟧ { }', code: 'MAE206', message: 'model lacks a name of its own' },
    {
      spec: `${specOf()}model m ⟦extends⟧`.replace('model m ⟦extends⟧', '⟦model m extends⟧'),
      code: 'MAE206',
      message: 'model lacks the name of a model',
    },
    {
      spec: specOf({ image: 'image 32x32x3 { ⟦mean⟧ }' }),
      code: 'MAE206',
      message: 'mean lacks a number from 0 to 1',
    },
  ],
  surplusValue: [
    {
      spec: specOf({ patch: 'patch 4 ⟦4⟧' }),
      code: 'MAE207',
      message: 'patch takes no further value, but here is the count ‘4’',
      help: 'for example: patch 16',
    },
    {
      spec: specOf({ encoder: 'encoder ⟦large 5⟧ { width 192, depth 12, heads 3 }' }),
      code: 'MAE207',
      message: 'encoder takes no further value, but here is the name ‘large’',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192 ⟦depth 12⟧, heads 3 }' }),
      code: 'MAE207',
      message: 'width takes no further value, but here is the name ‘depth’',
      help: 'put a comma before depth',
      fixed: true,
    },
    {
      spec: `${specOf()}model vit-two ⟦extend vit-test⟧`,
      code: 'MAE207',
      message: 'model takes no further value, but here is the name ‘extend’',
      help: 'did you mean extends?',
      fixed: true,
    },
  ],
  outOfBounds: [
    {
      spec: specOf({ mask: 'mask random ⟦100%⟧' }),
      code: 'MAE208',
      message: 'mask 100% is out of bounds: it must be above 0% and below 100%',
    },
    {
      spec: specOf({ mask: 'mask random ⟦75⟧' }),
      code: 'MAE208',
      message: 'mask 75 is out of bounds: it must be above 0% and below 100%',
      help: 'did you mean 75%?',
    },
    {
      spec: specOf({ mask: 'mask random ⟦0%⟧' }),
      code: 'MAE208',
      message: 'mask 0% is out of bounds: it must be above 0% and below 100%',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads ⟦-3⟧ }' }),
      code: 'MAE208',
      message: 'heads -3 is out of bounds: it must be from 1 to 1024',
    },
    {
      spec: specOf({ image: 'image ⟦32x20000x3⟧' }),
      code: 'MAE208',
      message: 'image 32x20000x3 is out of bounds: it must be from 1 to 16384 in width',
    },
    {
      spec: specOf({ image: 'image 32x32x3 { mean 0.4 ⟦123.675⟧ 0.4 }' }),
      code: 'MAE208',
      message: 'mean 123.675 is out of bounds: it must be from 0 to 1',
    },
    {
      spec: specOf({ patch: 'patch ⟦0⟧' }),
      code: 'MAE208',
      message: 'patch 0 is out of bounds: it must be from 1 to 16384',
    },
    {
      spec: specOf({ encoder: 'encoder { width 192, depth 12, heads 3, mlp ⟦0x⟧ }' }),
      code: 'MAE208',
      message: 'mlp 0x is out of bounds: it must be above 0x and at most 64x',
    },
    {
      spec: specOf({ augment: 'augment { crop ⟦20..100⟧ }' }),
      code: 'MAE208',
      message: 'crop 20..100 is out of bounds: it must be above 0% and at most 100%',
    },
  ],
  unknownOption: [
    {
      spec: specOf({ loss: 'loss mse { target ⟦normalised-pixels⟧ }' }),
      code: 'MAE209',
      message: 'target has no option ‘normalised-pixels’',
      help: 'did you mean normalized-pixels?',
      fixed: true,
    },
    {
      spec: specOf({ loss: 'loss mse { target ⟦tokens⟧ }' }),
      code: 'MAE209',
      message: 'target has no option ‘tokens’',
      help: 'the options are pixels and normalized-pixels',
    },
    {
      spec: specOf({ optimizer: 'optimizer ⟦lion⟧ { lr 1e-3 per 256 }' }),
      code: 'MAE209',
      message: 'optimizer has no option ‘lion’',
      help: 'the options are adamw, lars and sgd',
    },
    {
      spec: specOf({ augment: 'augment { flip ⟦true⟧ }' }),
      code: 'MAE209',
      message: 'flip has no option ‘true’',
      help: 'the options are yes and no',
    },
  ],
  unexpectedBlock: [
    {
      spec: specOf({ epochs: 'epochs 10 ⟦{⟧ warmup 1 }' }),
      code: 'MAE210',
      message: 'epochs takes no block',
    },
    {
      spec: { 'a.mae': 'import "b.mae" ⟦{⟧ width 3 }\nmodel a extends vit-test', 'b.mae': specOf() },
      code: 'MAE210',
      message: 'import takes no block',
    },
  ],
  misplacedKey: [
    {
      spec: specOf({ encoder: 'encoder { depth 12, heads 3 }\n ⟦width⟧ 192' }),
      code: 'MAE211',
      message: 'width may not stand in a model',
      help: 'width stands in encoder or decoder',
    },
    {
      spec: `${specOf()}⟦batch⟧ 64`,
      code: 'MAE211',
      message: 'batch may not stand in a file',
      help: 'batch stands in a recipe',
    },
  ],
  imageNotInPatches: [
    {
      spec: specOf({ image: '⟦image 225x224x3⟧', patch: 'patch 16' }),
      code: 'MAE212',
      message: 'image 225x224 is not a multiple of patch 16',
      help: 'the nearest sizes are 224x224 and 240x224',
      related: ['3:3 patches of 16x16'],
    },
    {
      spec: specOf({ image: '⟦image 225x230x3⟧', patch: 'patch 16x10' }),
      code: 'MAE212',
      message: 'image 225x230 is not a multiple of patch 16x10',
      help: 'the nearest sizes are 224x230 and 240x230',
    },
    {
      spec: specOf({ image: '⟦image 8x8x3⟧', patch: 'patch 16' }),
      code: 'MAE212',
      message: 'image 8x8 is not a multiple of patch 16',
      help: 'the nearest size is 16x16',
    },
  ],
  positionsNeedFours: [
    {
      spec: specOf({ decoder: 'decoder { ⟦width 90⟧, depth 2, heads 3, positions sincos-2d }' }),
      code: 'MAE213',
      message: 'sincos-2d positions need a width that is a multiple of 4, and 90 is none',
      help: 'the nearest widths are 84 and 96',
      related: ['5:41 sincos-2d'],
    },
  ],
  maskLeavesNothing: [
    {
      spec: specOf({ mask: '⟦mask random 99%⟧' }),
      code: 'MAE214',
      message: 'the mask of 99% leaves 0 of the 64 patches visible and removes 64',
      help: 'at most 98.43% leaves one visible',
      related: ['3:3 64 patches'],
    },
    {
      // 5 * (1 - 0.8) is 0.9999999999999998 in doubles, as in the official code.
      spec: specOf({ image: 'image 4x20x3', mask: '⟦mask random 80%⟧' }),
      code: 'MAE214',
      message: 'the mask of 80% leaves 0 of the 5 patches visible and removes 5',
      help: 'at most 79.99% leaves one visible',
    },
    {
      spec: specOf({ mask: '⟦mask random 0.00000000000000001⟧' }),
      code: 'MAE214',
      message: 'the mask of 1e-15% leaves 64 of the 64 patches visible and removes 0',
      help: 'choose a larger ratio, such as 75%',
    },
    {
      spec: specOf({ patch: 'patch 32', mask: '⟦mask random 50%⟧' }),
      code: 'MAE214',
      message: 'the mask of 50% leaves 0 of the 1 patch visible and removes 1',
      help: 'there must be at least two patches: make the patch smaller or the image larger',
    },
  ],
  warmupTooLong: [
    {
      spec: specOf({ warmup: '⟦warmup 10⟧' }),
      code: 'MAE215',
      message: 'warmup 10 is not less than epochs 10',
      help: 'the recipes of the paper warm up for 5% to 10% of the epochs',
      related: ['11:3 10 epochs'],
    },
    {
      spec: specOf({ warmup: 'warmup 4', pretrain: 'pretrain using test-recipe { epochs 3 }' }).replace(
        'warmup 4',
        '⟦warmup 4⟧',
      ),
      code: 'MAE215',
      message: 'warmup 4 is not less than epochs 3',
      related: ['8:32 3 epochs'],
    },
  ],
  batchNotDivisible: [
    {
      spec: specOf({ batch: '⟦batch 64⟧', accumulate: 'accumulate 5' }),
      code: 'MAE216',
      message: 'batch 64 is not a multiple of accumulate 5',
      help: 'the nearest batch sizes are 60 and 65',
      related: ['14:3 5 micro-batches'],
    },
  ],
  rangeReversed: [
    {
      spec: specOf({ augment: 'augment { crop ⟦100%..20%⟧ }' }),
      code: 'MAE217',
      message: 'crop 100%..20% ends before it starts',
      help: 'write 20%..100%',
      fixed: true,
    },
  ],
  channelCount: [
    {
      spec: specOf({ image: 'image 32x32x3 { ⟦mean 0.5⟧ }' }),
      code: 'MAE218',
      message: 'mean has 1 number for 3 channels',
      help: 'give mean one number for each channel: 3 of them',
      related: ['2:3 3 channels'],
    },
    {
      spec: specOf({ image: 'image 32x32x1 { ⟦deviation 0.5 0.5⟧ }' }),
      code: 'MAE218',
      message: 'deviation has 2 numbers for 1 channel',
    },
  ],
  hiddenWidthNotWhole: [
    {
      spec: specOf({ encoder: 'encoder { width 196, depth 1, heads 7, ⟦mlp 2.53x⟧ }' }),
      code: 'MAE219',
      message: 'mlp 2.53x of width 196 is 495.88 channels, not a whole number',
      help: 'write mlp 495 or mlp 496',
      related: ['4:13 the width'],
    },
  ],
  maskUnitMisfit: [
    {
      spec: specOf({ mask: 'mask grid 75% { ⟦unit 3x4⟧ }' }),
      code: 'MAE222',
      message: 'units of 3x4 patches do not fill a grid of 8x8',
      help: 'choose a unit whose height and width divide those of the grid',
      related: ['3:3 a grid of 8x8 patches'],
    },
  ],
  irregularRatio: [
    {
      spec: specOf({ mask: '⟦mask regular 60%⟧' }),
      code: 'MAE223',
      message: 'a regular mask of 60% does not fit a grid of 8x8 patches',
      help: 'these fit: 75%, 93.75% or 98.4375%',
      related: ['3:3 a grid of 8x8 patches'],
    },
  ],
  wideDecoder: [
    {
      spec: specOf({ decoder: 'decoder { ⟦width 384⟧, depth 2, heads 3 }' }),
      code: 'MAE224',
      message: 'the decoder is 384 wide, wider than the encoder with 192',
      help: 'a light decoder suffices and trains faster: 512 for every size of encoder in the paper',
      related: ['4:13 the encoder'],
    },
  ],
  uselessKey: [
    {
      spec: specOf({ training: '⟦mixup⟧ 0.8' }).replace('⟦mixup⟧ 0.8', 'augment { ⟦mixup 0.8⟧ }'),
      code: 'MAE226',
      message: 'mixup has no meaning in pretraining',
      help: 'leave it out: mixup is for fine-tuning and linear probing',
    },
    {
      spec: specOf({ classifiers: 'linear-probe using test-recipe { ⟦layer-decay 0.75⟧ }' }),
      code: 'MAE226',
      message: 'layer-decay has no meaning in linear probing',
      help: 'leave it out: layer-decay is for fine-tuning',
    },
    {
      spec: specOf({ optimizer: 'optimizer lars { lr 1e-3 per 256, ⟦betas 0.9 0.95⟧ }' }),
      code: 'MAE226',
      message: 'betas has no meaning in the optimizer lars',
      help: 'leave it out: betas is for adamw',
      related: ['15:3 the optimizer is lars'],
    },
  ],
  lowLayerDecay: [
    {
      spec: specOf({ classifiers: 'finetune using test-recipe { ⟦layer-decay 0.2⟧ }' }),
      code: 'MAE227',
      message: 'layer-decay 0.2 leaves the first layers almost as they were',
      help: 'the recipes of the paper have 0.65 to 0.75',
    },
  ],
  noClassToken: [
    {
      spec: specOf({
        encoder: 'encoder { width 192, depth 12, heads 3, class-token no }',
        classifiers: 'linear-probe using test-recipe { ⟦pooling class-token⟧ }',
      }),
      code: 'MAE228',
      message: 'linear probing pools the class token, and the encoder has none',
      help: 'write pooling mean, or give the encoder a class-token',
      related: ['4:43 no class token'],
    },
  ],
  lowMaskRatio: [
    {
      spec: specOf({ mask: '⟦mask random 30%⟧' }),
      code: 'MAE225',
      message: 'a mask of 30% leaves a task that is solved by copying neighbours',
      help: 'the paper finds 40% to 80% good and 75% best (figure 5)',
    },
  ],
  tooManyPatches: [
    {
      spec: specOf({ image: '⟦image 1024x512x3⟧', patch: 'patch 1x2' }),
      code: 'MAE220',
      message: 'the image has 262144 patches; at most 65536 are possible',
      help: 'make the patch larger or the image smaller',
      related: ['3:3 the patch'],
    },
  ],
  minimumAbovePeak: [
    {
      spec: specOf({ schedule: 'schedule cosine { ⟦minimum-lr 3e-4⟧ }' }),
      code: 'MAE221',
      message: 'minimum-lr 0.0003 is above the peak learning rate 0.00025',
      help: 'the peak is lr × batch / the batch that lr is given for',
      related: ['15:21 a peak of 0.00025 for batches of 64'],
    },
  ],
  unreadableFile: [],
  unreadableImport: [
    {
      spec: { 'spec/a.mae': `import ⟦"../b.mae"⟧\n${specOf({ pretrain: 'pretrain using from-b' })}` },
      code: 'MAE302',
      message: 'cannot read the import ‘../b.mae’: there is no readable file ‘b.mae’',
      help: 'imports are relative to the file that holds them',
    },
  ],
  importCycle: [
    {
      spec: { 'a.mae': 'import ⟦"./a.mae"⟧' },
      code: 'MAE303',
      message: 'imports run in a circle: a.mae → a.mae',
    },
    {
      spec: {
        'a.mae': 'import "./b.mae"\nmodel a extends b',
        'b.mae': 'import "./c.mae"\nmodel b extends vit-test',
        'c.mae': `import ⟦"./b.mae"⟧\n${specOf()}`,
      },
      code: 'MAE303',
      message: 'imports run in a circle: b.mae → c.mae → b.mae',
      help: 'move what the files share into a third one',
      related: ['1:8 on the way round'],
    },
  ],
  duplicateDeclaration: [
    {
      spec: `${specOf()}model ⟦vit-test⟧ extends vit-test { }`,
      code: 'MAE304',
      message: 'model ‘vit-test’ is declared twice',
      help: 'give one of them another name',
      related: ['1:7 first declared here'],
    },
    {
      spec: {
        'a.mae': 'import "./b.mae"\nmodel vit-test extends other',
        'b.mae': `${specOf().replace('vit-test', '⟦vit-test⟧')}model other extends vit-test`,
      },
      code: 'MAE304',
      message: 'model ‘vit-test’ is declared twice',
    },
    {
      spec: `${specOf()}recipe ⟦test-recipe⟧ extends test-recipe`,
      code: 'MAE304',
      message: 'recipe ‘test-recipe’ is declared twice',
    },
  ],
  unknownDeclaration: [
    {
      spec: specOf({ pretrain: 'pretrain using ⟦tset-recipe⟧ { warmup 1 }' }),
      code: 'MAE305',
      message: 'there is no recipe ‘tset-recipe’',
      help: 'did you mean test-recipe?',
      fixed: true,
    },
    {
      spec: 'model vit-new extends ⟦vit-base⟧ { mask random 60% }',
      code: 'MAE305',
      message: 'there is no model ‘vit-base’',
      help: 'declare it, or import the file that does',
    },
    {
      spec: `${specOf()}model vit-new extends ⟦test-recipe⟧`,
      code: 'MAE305',
      message: 'there is no model ‘test-recipe’',
      help: '‘test-recipe’ is a recipe, not a model',
    },
    {
      // An import reaches only what the file itself declares.
      spec: {
        'a.mae': 'import "./b.mae"\nmodel a extends b { pretrain using ⟦test-recipe⟧ }',
        'b.mae': 'import "./c.mae"\nmodel b extends vit-test',
        'c.mae': specOf(),
      },
      code: 'MAE305',
      message: 'there is no recipe ‘test-recipe’',
      help: 'it is declared in ‘c.mae’: import that file',
      related: ['10:8 the recipe of this name'],
    },
  ],
  extendsCycle: [
    {
      spec: 'model a extends ⟦a⟧',
      code: 'MAE306',
      message: 'model ‘a’ extends itself: a → a',
      help: 'one of them must stand on its own',
    },
    {
      spec: 'recipe a extends ⟦b⟧\nrecipe b extends c\nrecipe c extends a\nrecipe d extends c',
      code: 'MAE306',
      message: 'recipe ‘a’ extends itself: a → b → c → a',
      related: ['2:18 on the way round', '3:18 on the way round'],
    },
  ],
  ambiguousName: [
    {
      spec: {
        'a.mae': `import "./b.mae"\n${specOf({ pretrain: 'pretrain using ⟦test-recipe⟧' })}`,
        'b.mae': recipeText,
      },
      code: 'MAE307',
      message: 'recipe ‘test-recipe’ could be any of several',
      help: 'rename one of them, or import only one of their files',
      related: ['11:8 one of them', '1:8 one of them'],
    },
  ],
  unusedImport: [
    {
      spec: { 'a.mae': `import ⟦"./b.mae"⟧\n${specOf()}`, 'b.mae': '' },
      code: 'MAE308',
      message: 'nothing of ‘./b.mae’ is used',
      help: 'remove the import',
    },
  ],
  repeatedImport: [
    {
      spec: {
        'a.mae': 'import "./b.mae"\nimport ⟦"./x/../b.mae"⟧\nmodel a extends vit-test',
        'b.mae': specOf(),
      },
      code: 'MAE309',
      message: '‘./x/../b.mae’ is imported twice',
      help: 'remove one of the imports',
      related: ['1:8 first imported here'],
    },
  ],
  unusableName: [
    {
      spec: `${specOf()}model ⟦nul⟧ extends vit-test`,
      code: 'MAE310',
      message: 'the name ‘nul’ cannot be used: it is the name of a device on Windows',
      help: 'a model is written to a folder of its name: choose another',
    },
    {
      spec: `${specOf()}model ⟦${'a'.repeat(65)}⟧ extends vit-test`,
      code: 'MAE310',
      message: `the name ‘${'a'.repeat(39)}…’ cannot be used: it is longer than 64 characters`,
    },
  ],
  malformedOverride: [],
  reservedName: [
    {
      // The option is what the word means; it is not reported where it is used.
      spec: `let ⟦random⟧ 4\n${specOf({ patch: 'patch random' })}`,
      code: 'MAE312',
      message: 'a constant cannot be called ‘random’: that word has a meaning behind mask',
      help: 'choose another name',
    },
    {
      spec: `let ⟦per⟧ 256\n${specOf({ optimizer: 'optimizer adamw { lr 1e-3 per per }' })}`,
      code: 'MAE312',
      message: 'a constant cannot be called ‘per’: that word has a meaning behind lr',
    },
    {
      spec: `let ⟦yes⟧ no\n${specOf()}`,
      code: 'MAE312',
      message: 'a constant cannot be called ‘yes’: that word has a meaning behind ',
    },
  ],
  constantCycle: [
    {
      spec: `let a ⟦a⟧\n${specOf({ patch: 'patch a' })}`,
      code: 'MAE313',
      message: 'constant ‘a’ is defined by itself: a → a',
      help: 'give one of them a value',
      related: [],
    },
    {
      // All of the circle and nothing that leads to it.
      spec: `let z a\nlet a ⟦b⟧\nlet b ⟦a⟧\n${specOf({ patch: 'patch z', image: 'image a' })}`,
      before: 'MAE313',
      code: 'MAE313',
      message: 'constant ‘b’ is defined by itself: b → a → b',
      related: ['2:7 on the way round'],
    },
  ],
};
