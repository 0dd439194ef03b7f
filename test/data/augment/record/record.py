"""Records what the official fine-tuning's augmentations do, for the tests of runtime/data/augment.

    pip install torch torchvision pillow; pip download --no-deps timm==0.3.2 and unpack it
    python record.py UNPACKED_TIMM

writes pillow.json, timm.json and torchvision.json beside this file. Recorded with Pillow 11.3, torch 2.15 and torchvision 0.29.
Pillow 13.0 gives the same bytes, but refuses to posterize to 0 bits. timm's own files are loaded one by one: the package of 0.3.2
does not import with a torch of today.
"""
import base64, hashlib, importlib.util, json, pathlib, random, sys
import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import functional

HERE = pathlib.Path(__file__).parent
FILL = (124, 116, 104)


def timm(name):
    spec = importlib.util.spec_from_file_location(name, pathlib.Path(sys.argv[1]) / 'timm/data' / (name + '.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def picture(height, width, channels):
    """The test makes the same one: 30..229, with edges, slopes and texture."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    texture = (x * y * 7 + x * x * 13 + y * y * 29 + c * 17) % 64
    data = (30 + (x * 3 + y * 5 + c * 40 + texture) % 200).astype(np.uint8)
    return Image.fromarray(data if channels == 3 else data[:, :, 0])


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(',', ':')) + '\n')


def operations():
    module = timm('auto_augment')
    names = list(dict.fromkeys(module._RAND_TRANSFORMS + module._RAND_INCREASING_TRANSFORMS))
    cases = []
    for name in names:
        seen = set()
        for level in (0, 0.4, 2.6, 5, 7.3, 8.123456789, 9, 10):
            for sign in (1, -1):
                random.random = lambda: 0 if sign == 1 else 1
                levels = module.LEVEL_TO_ARG[name]
                arguments = levels(level, {}) if levels else ()
                if arguments in seen:
                    continue
                seen.add(arguments)

                def apply(image):
                    fill = FILL if image.mode == 'RGB' else FILL[0]
                    return np.asarray(module.NAME_TO_OP[name](image, *arguments, fillcolor=fill, resample=Image.BICUBIC))

                case = {'name': name, 'level': level, 'sign': sign, 'argument': arguments[0] if arguments else 0}
                case['color'] = hashlib.sha256(apply(picture(224, 224, 3)).tobytes()).hexdigest()
                case['grey'] = hashlib.sha256(apply(picture(60, 91, 1)).tobytes()).hexdigest()
                if level == 9 or levels is None:
                    case['small'] = text(apply(picture(18, 24, 3)))
                cases.append(case)
    write('pillow.json', {'fill': FILL, 'plain': module._RAND_TRANSFORMS,
                          'increasing': module._RAND_INCREASING_TRANSFORMS, 'cases': cases})


def mixing(module):
    generator = np.random.default_rng(1)
    images = generator.normal(size=(4, 2, 6, 7)).astype(np.float32)
    labels = torch.tensor([2, 0, 2, 4])
    cases = []
    for share, cut in ((0.3, False), (0.8123, False), (1.0, False), (0.4, True), (0.9, True)):
        mixup = module.Mixup(0.8, 1.0, label_smoothing=0.1, num_classes=5)
        mixup._params_per_batch = lambda: (share, cut)
        np.random.seed(3)
        top, bottom, left, right = (int(v) for v in module.rand_bbox((6, 7), share))
        np.random.seed(3)
        x = torch.tensor(images)
        own = mixup._mix_batch(x)
        target = module.mixup_target(labels, 5, own, 0.1, device='cpu')
        box = {'top': top, 'left': left, 'height': bottom - top, 'width': right - left}
        cases.append({'share': own, **({'box': box} if cut else {}), 'images': text(x.numpy()), 'targets': text(target.numpy())})
    drawn = {}
    for height, width, options in ((224, 224, (0.8, 1.0)), (15, 32, (0.0, 0.5)), (15, 32, (0.8, 0.0))):
        mixup = module.Mixup(*options)
        np.random.seed(5)
        shares, cuts = [], []
        for _ in range(400_000):
            share, cut = mixup._params_per_batch()
            cuts.append(cut)
            if cut:
                _, share = module.cutmix_bbox_and_lam((height, width), share)
            shares.append(share)
        drawn[f'{height}x{width} {options[0]} {options[1]}'] = {'cut': np.mean(cuts), 'moments': [np.mean(np.power(shares, k)) for k in (1, 2, 4)]}
    return {'images': text(images), 'labels': labels.tolist(), 'cases': cases, 'drawn': drawn}


def erasing(module):
    drawn = {}
    for height, width in ((224, 224), (10, 40)):
        erase = module.RandomErasing(0.25, mode='pixel', device='cpu')
        random.seed(7)
        boxes, count = [], 200_000

        class Canvas:
            def __setitem__(self, key, value):
                _, rows, columns = key
                boxes.append((rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start))

        module._get_pixels = lambda *args, **kwargs: None
        for _ in range(count):
            erase._erase(Canvas(), 3, height, width, None)
        b = np.array(boxes, float)
        columns = [b[:, 0], b[:, 1], b[:, 2], b[:, 3], b[:, 2] * b[:, 3]]
        drawn[f'{height}x{width}'] = {'share': len(boxes) / count, 'moments': [[c.mean(), c.var()] for c in columns]}
    return drawn


def targets(module):
    torch.manual_seed(2)
    labels = torch.tensor([1, 3, 0, 3])
    weights = torch.tensor([0.5, 2.0, 1.25, 0.75])
    logits = torch.randn(4, 4)
    loss = torch.nn.functional.cross_entropy(logits, labels, weight=weights, label_smoothing=0.1, reduction='none')
    return {'labels': labels.tolist(), 'weights': weights.tolist(), 'logits': logits.flatten().tolist(), 'loss': loss.tolist(),
            'smoothed': module.mixup_target(labels, 4, 1.0, 0.1, device='cpu').flatten().tolist()}


def evaluation():
    cases = []
    for height, width in ((375, 500), (500, 375), (333, 500), (224, 224), (101, 37), (37, 101), (57, 58), (1000, 1001)):
        for size in (16, 31, 32, 96, 224, 256):
            share = 224 / 256 if size <= 224 else 1.0
            places = Image.fromarray((np.arange(height)[:, None] * 10000 + np.arange(width)).astype(np.int32))
            resized = transforms.Resize(int(size / share), interpolation=transforms.InterpolationMode.BICUBIC)(places)
            places = Image.fromarray((np.arange(resized.height)[:, None] * 10000 + np.arange(resized.width)).astype(np.int32))
            corner = int(np.asarray(functional.center_crop(places, [size, size]))[0, 0])
            cases.append([height, width, size, resized.height, resized.width, corner // 10000, corner % 10000])
    small = transforms.Compose([transforms.Resize(int(16 / 0.875), interpolation=3), transforms.CenterCrop(16)])(picture(29, 37, 3))
    write('torchvision.json', {'cases': cases, 'small': text(np.asarray(small))})


if __name__ == '__main__':
    evaluation()
    mixup = timm('mixup')
    # The draws need their own random numbers: before operations() replaces them.
    write('timm.json', {'mixing': mixing(mixup), 'erasing': erasing(timm('random_erasing')), 'targets': targets(mixup)})
    operations()
