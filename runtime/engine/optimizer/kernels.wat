;; The optimizers' loops over float32 arrays in one linear memory, four numbers at a time.
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

  ;; One step of gradient descent with momentum, which is SGD's (PyTorch) and, with a trust ratio, LARS's:
  ;;   change = (gradient + value * decay) * trust
  ;;   moment = moment * momentum + change
  ;;   value  = value - rate * (change * direct + moment * carried)
  ;; Nesterov's momentum has direct = 1 and carried = momentum, the plain one direct = 0 and carried = 1.
  (func (export "momentum")
    (param $value i32) (param $gradient i32) (param $moment i32) (param $length i32)
    (param $decay f32) (param $trust f32) (param $momentum f32)
    (param $direct f32) (param $carried f32) (param $rate f32)
    (local $end i32) (local $v v128) (local $g v128) (local $m v128)
    (local $decays v128) (local $trusts v128) (local $momenta v128)
    (local $directs v128) (local $carrieds v128) (local $rates v128)
    (local.set $decays (f32x4.splat (local.get $decay)))
    (local.set $trusts (f32x4.splat (local.get $trust)))
    (local.set $momenta (f32x4.splat (local.get $momentum)))
    (local.set $directs (f32x4.splat (local.get $direct)))
    (local.set $carrieds (f32x4.splat (local.get $carried)))
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $end (i32.add (local.get $value) (local.get $length)))
    (loop $next
      (local.set $v (v128.load (local.get $value)))
      (local.set $g (f32x4.mul
        (f32x4.add (v128.load (local.get $gradient)) (f32x4.mul (local.get $v) (local.get $decays)))
        (local.get $trusts)))
      (local.set $m (f32x4.add
        (f32x4.mul (v128.load (local.get $moment)) (local.get $momenta))
        (local.get $g)))
      (v128.store (local.get $moment) (local.get $m))
      (v128.store (local.get $value) (f32x4.sub
        (local.get $v)
        (f32x4.mul
          (f32x4.add
            (f32x4.mul (local.get $g) (local.get $directs))
            (f32x4.mul (local.get $m) (local.get $carrieds)))
          (local.get $rates))))
      (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
      (local.set $moment (i32.add (local.get $moment) (i32.const 16)))
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

  ;; The sum of squares, in float64: of finite numbers it is finite.
  (func (export "squares") (param $pointer i32) (param $length i32) (result f64)
    (local $end i32) (local $x v128) (local $low v128) (local $high v128) (local $a v128) (local $b v128)
    (local.set $end (i32.add (local.get $pointer) (local.get $length)))
    (loop $next
      (local.set $x (v128.load (local.get $pointer)))
      (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
      (local.set $high (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
        (local.get $x) (local.get $x))))
      (local.set $a (f64x2.add (local.get $a) (f64x2.mul (local.get $low) (local.get $low))))
      (local.set $b (f64x2.add (local.get $b) (f64x2.mul (local.get $high) (local.get $high))))
      (local.set $pointer (i32.add (local.get $pointer) (i32.const 16)))
      (br_if $next (i32.ne (local.get $pointer) (local.get $end))))
    (call $total (f64x2.add (local.get $a) (local.get $b))))

  ;; The sum of squares of gradient + value * decay, in float64.
  (func (export "decayedSquares")
    (param $gradient i32) (param $value i32) (param $length i32) (param $decay f32) (result f64)
    (local $end i32) (local $x v128) (local $decays v128)
    (local $low v128) (local $high v128) (local $a v128) (local $b v128)
    (local.set $decays (f32x4.splat (local.get $decay)))
    (local.set $end (i32.add (local.get $gradient) (local.get $length)))
    (loop $next
      (local.set $x (f32x4.add
        (v128.load (local.get $gradient))
        (f32x4.mul (v128.load (local.get $value)) (local.get $decays))))
      (local.set $low (f64x2.promote_low_f32x4 (local.get $x)))
      (local.set $high (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
        (local.get $x) (local.get $x))))
      (local.set $a (f64x2.add (local.get $a) (f64x2.mul (local.get $low) (local.get $low))))
      (local.set $b (f64x2.add (local.get $b) (f64x2.mul (local.get $high) (local.get $high))))
      (local.set $value (i32.add (local.get $value) (i32.const 16)))
      (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
      (br_if $next (i32.ne (local.get $gradient) (local.get $end))))
    (call $total (f64x2.add (local.get $a) (local.get $b))))

  (func $total (param $pair v128) (result f64)
    (f64.add (f64x2.extract_lane 0 (local.get $pair)) (f64x2.extract_lane 1 (local.get $pair))))

  ;; destination = destination * factor
  (func (export "scale") (param $destination i32) (param $length i32) (param $factor f32)
    (local $end i32) (local $factors v128)
    (local.set $factors (f32x4.splat (local.get $factor)))
    (local.set $end (i32.add (local.get $destination) (local.get $length)))
    (loop $next
      (v128.store (local.get $destination)
        (f32x4.mul (v128.load (local.get $destination)) (local.get $factors)))
      (local.set $destination (i32.add (local.get $destination) (i32.const 16)))
      (br_if $next (i32.ne (local.get $destination) (local.get $end)))))

  ;; destination = destination + (target - destination) * weight
  (func (export "lerp") (param $destination i32) (param $target i32) (param $length i32) (param $weight f32)
    (local $end i32) (local $x v128) (local $weights v128)
    (local.set $weights (f32x4.splat (local.get $weight)))
    (local.set $end (i32.add (local.get $destination) (local.get $length)))
    (loop $next
      (local.set $x (v128.load (local.get $destination)))
      (v128.store (local.get $destination) (f32x4.add
        (local.get $x)
        (f32x4.mul (f32x4.sub (v128.load (local.get $target)) (local.get $x)) (local.get $weights))))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (local.set $destination (i32.add (local.get $destination) (i32.const 16)))
      (br_if $next (i32.ne (local.get $destination) (local.get $end)))))

  ;; Exchanges two arrays, bit for bit.
  (func (export "swap") (param $one i32) (param $other i32) (param $length i32)
    (local $end i32) (local $x v128)
    (local.set $end (i32.add (local.get $one) (local.get $length)))
    (loop $next
      (local.set $x (v128.load (local.get $one)))
      (v128.store (local.get $one) (v128.load (local.get $other)))
      (v128.store (local.get $other) (local.get $x))
      (local.set $other (i32.add (local.get $other) (i32.const 16)))
      (local.set $one (i32.add (local.get $one) (i32.const 16)))
      (br_if $next (i32.ne (local.get $one) (local.get $end)))))

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
