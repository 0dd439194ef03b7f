"""Records what torch and scikit-learn say of some logits: python classification.py > ../classification.json"""

import json

import numpy as np
import sklearn
import torch
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support
from sklearn.utils.class_weight import compute_class_weight


def case(seed, pictures, classes, scale, drawn_from):
    rng = np.random.default_rng(seed)
    logits = np.round(rng.normal(size=(pictures, classes)) * scale, 3).astype(np.float32)
    labels = rng.choice(drawn_from, size=pictures)
    logits[np.arange(pictures), labels] += np.float32(scale / 2)
    tensor, truth = torch.from_numpy(logits).double(), torch.from_numpy(labels)
    top = tensor.topk(min(5, classes)).indices
    predicted = top[:, 0].numpy()
    every = list(range(classes))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
    return {
        "classes": classes,
        "logits": [float(np.float32(x)) for x in logits.reshape(-1)],
        "labels": labels.tolist(),
        "loss": torch.nn.functional.cross_entropy(tensor, truth).item(),
        "top1": (top[:, :1] == truth[:, None]).any(1).double().mean().item(),
        "top5": (top == truth[:, None]).any(1).double().mean().item(),
        "probabilities": tensor.softmax(1).max(1).values.tolist(),
        "confusion": confusion_matrix(labels, predicted, labels=every).reshape(-1).tolist(),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "balancedAccuracy": balanced_accuracy_score(labels, predicted),
        "macroF1": f1_score(labels, predicted, average="macro", zero_division=0),
    }


labels = np.array([0] * 50 + [1] * 7 + [2] * 3)
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "scikit-learn": sklearn.__version__,
            "cases": {
                "twelve classes": case(0, 60, 12, 2, list(range(12))),
                "three classes": case(1, 25, 3, 1, [0, 1, 2]),
                "classes without pictures": case(2, 20, 9, 1, [1, 2, 5]),
                "logits of hundreds": case(3, 20, 6, 400, list(range(6))),
            },
            "weights": compute_class_weight("balanced", classes=np.array([0, 1, 2]), y=labels).tolist(),
        }
    )
)
