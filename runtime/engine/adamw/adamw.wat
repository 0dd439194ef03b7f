;; The optimizer's loops over float32 arrays in one linear memory, four numbers at a time.
;;
;; Pointers are byte offsets, multiples of 16. Lengths are in bytes, multiples of 16 and not zero: the host pads
;; every array with zeros, which all of these loops keep zero.
(module
  (import "host" "memory" (memory 0))

  ;; One step of AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", as PyTorch computes it):
  ;;   value  = value * decay
  ;;   first  = first * beta1 + gradient * rest1
  ;;   second = second * beta2 + gradient * gradient * rest2
  ;;   value  = value - rate * first / (sqrt(second) * correction + epsilon)
  ;; with decay = 1 - learning rate * weight decay, rest = 1 - beta, rate = learning rate / (1 - beta1^step) and
  ;; correction = 1 / sqrt(1 - beta2^step), all of which the host computes in float64.
  (func (export "adamw")
    (param $value i32) (param $gradient i32) (param $first i32) (param $second i32) (param $length i32)
    (param $decay f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $rate f32) (param $correction f32) (param $epsilon f32)
    (local $end i32)
    (local $g v128) (local $m v128) (local $v v128)
    (local $decays v128) (local $beta1s v128) (local $rest1s v128) (local $beta2s v128) (local $rest2s v128)
    (local $rates v128) (local $corrections v128) (local $epsilons v128)
    (local.set $decays (f32x4.splat (local.get $decay)))
    (local.set $beta1s (f32x4.splat (local.get $beta1)))
    (local.set $rest1s (f32x4.splat (local.get $rest1)))
    (local.set $beta2s (f32x4.splat (local.get $beta2)))
    (local.set $rest2s (f32x4.splat (local.get $rest2)))
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $corrections (f32x4.splat (local.get $correction)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $end (i32.add (local.get $value) (local.get $length)))
    (loop $next
      (local.set $g (v128.load (local.get $gradient)))
      (local.set $m (f32x4.add
        (f32x4.mul (v128.load (local.get $first)) (local.get $beta1s))
        (f32x4.mul (local.get $g) (local.get $rest1s))))
      (local.set $v (f32x4.add
        (f32x4.mul (v128.load (local.get $second)) (local.get $beta2s))
        (f32x4.mul (f32x4.mul (local.get $g) (local.get $g)) (local.get $rest2s))))
      (v128.store (local.get $first) (local.get $m))
      (v128.store (local.get $second) (local.get $v))
      (v128.store (local.get $value) (f32x4.sub
        (f32x4.mul (v128.load (local.get $value)) (local.get $decays))
        (f32x4.div
          (f32x4.mul (local.get $m) (local.get $rates))
          (f32x4.add
            (f32x4.mul (f32x4.sqrt (local.get $v)) (local.get $corrections))
            (local.get $epsilons)))))
      (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
      (local.set $first (i32.add (local.get $first) (i32.const 16)))
      (local.set $second (i32.add (local.get $second) (i32.const 16)))
      (local.set $value (i32.add (local.get $value) (i32.const 16)))
      (br_if $next (i32.ne (local.get $value) (local.get $end)))))

  ;; destination = destination + scale * source
  (func (export "axpy") (param $destination i32) (param $source i32) (param $length i32) (param $scale f32)
    (local $end i32) (local $scales v128)
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $end (i32.add (local.get $destination) (local.get $length)))
    (loop $next
      (v128.store (local.get $destination) (f32x4.add
        (v128.load (local.get $destination))
        (f32x4.mul (v128.load (local.get $source)) (local.get $scales))))
      (local.set $source (i32.add (local.get $source) (i32.const 16)))
      (local.set $destination (i32.add (local.get $destination) (i32.const 16)))
      (br_if $next (i32.ne (local.get $destination) (local.get $end)))))

  ;; 1 when no number is infinite or NaN, else 0. Those are the numbers whose eight exponent bits are all set.
  (func (export "finite") (param $pointer i32) (param $length i32) (result i32)
    (local $end i32) (local $exponent v128) (local $found v128)
    (local.set $exponent (i32x4.splat (i32.const 0x7f800000)))
    (local.set $end (i32.add (local.get $pointer) (local.get $length)))
    (loop $next
      (local.set $found (v128.or
        (local.get $found)
        (i32x4.eq
          (v128.and (v128.load (local.get $pointer)) (local.get $exponent))
          (local.get $exponent))))
      (local.set $pointer (i32.add (local.get $pointer) (i32.const 16)))
      (br_if $next (i32.ne (local.get $pointer) (local.get $end))))
    (i32.eqz (v128.any_true (local.get $found))))
)
