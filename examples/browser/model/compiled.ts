import specJson from '../../../generated/vit-pico/spec.json' with { type: 'json' };
import { normalizationTable } from '../../../runtime/data/normalize.ts';
import { compiledSpecSchema } from '../../../runtime/model/compiled-spec.ts';

/** What was compiled: the model of this page. */
export const spec = compiledSpecSchema.parse(specJson);

/** What bytes of pictures become. */
export const normalization = normalizationTable(spec.model.image);
