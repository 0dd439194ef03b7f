"""Records the names and shapes of small models' tensors in timm and transformers, as they are in memory:

python library-names.py > ../naming/library-names.json
"""

import json

from timm.models.vision_transformer import VisionTransformer
from transformers import ViTConfig, ViTForImageClassification, ViTMAEConfig, ViTMAEForPreTraining, ViTModel
import timm
import transformers

sizes = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, image_size=8, patch_size=4)
decoder = {
    f"decoder_{key}": value
    for key, value in dict(hidden_size=4, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8).items()
}
timm_sizes = dict(img_size=8, patch_size=4, embed_dim=8, depth=2, num_heads=2, mlp_ratio=2, num_classes=3)
models = {
    "ViTMAEForPreTraining": ViTMAEForPreTraining(ViTMAEConfig(**sizes, **decoder)),
    "ViTForImageClassification": ViTForImageClassification(ViTConfig(**sizes, num_labels=3)),
    "ViTModel": ViTModel(ViTConfig(**sizes)),
    "VisionTransformer": VisionTransformer(**timm_sizes),
    "VisionTransformer with everything": VisionTransformer(
        **timm_sizes, global_pool="avg", reg_tokens=2, qk_norm=True, init_values=1e-5, no_embed_class=True
    ),
}
print(
    json.dumps(
        {
            "versions": {"timm": timm.__version__, "transformers": transformers.__version__},
            "models": {
                kind: {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
                for kind, model in models.items()
            },
        }
    )
)
