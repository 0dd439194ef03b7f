;; The scan of a baseline JPEG (ITU-T T.81): the bytes as they stand in the file become samples.
;;
;; Addresses are byte offsets in the host's memory; scan-memory.ts says what lies where. Planes of samples are kept column
;; by column, because that is the order in which the resize reads them.
(module
  (import "host" "memory" (memory 0))

  ;; 8x8 coefficients of 16 bits, zero between blocks; a second such block that is never read; and the transform's
  ;; intermediate values.
  (global $coefficients i32 (i32.const 1024))
  (global $ignored i32 (i32.const 1152))
  (global $between i32 (i32.const 1280))

  ;; Takes the zero bytes out that follow each 0xFF of entropy-coded data, in place, and cuts it at restart markers.
  ;; `segments` receives where each segment begins and, after the last, where that ends; there is room for `most` segments.
  ;; Returns how many there are; 0 if there are more, or if the data ends before the marker "end of image".
  (func (export "unstuff") (param $from i32) (param $end i32) (param $segments i32) (param $most i32) (result i32)
    (local $to i32) (local $count i32) (local $byte i32) (local $vector v128)
    (local.set $to (local.get $from))
    (i32.store (local.get $segments) (local.get $from))
    (local.set $count (i32.const 1))
    (loop $next
      (if (i32.le_u (i32.add (local.get $from) (i32.const 16)) (local.get $end)) (then
        (local.set $vector (v128.load (local.get $from)))
        (if (i32.eqz (v128.any_true (i8x16.eq (local.get $vector) (i8x16.splat (i32.const 255))))) (then
          (v128.store (local.get $to) (local.get $vector))
          (local.set $from (i32.add (local.get $from) (i32.const 16)))
          (local.set $to (i32.add (local.get $to) (i32.const 16)))
          (br $next)))))
      (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (i32.const 0))))
      (local.set $byte (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (i32.ne (local.get $byte) (i32.const 255)) (then
        (i32.store8 (local.get $to) (local.get $byte))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
      (if (i32.ge_u (local.get $from) (local.get $end)) (then (return (i32.const 0))))
      (local.set $byte (i32.load8_u (local.get $from)))
      ;; A fill byte: the second 0xFF may begin a marker.
      (br_if $next (i32.eq (local.get $byte) (i32.const 255)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (i32.eqz (local.get $byte)) (then
        (i32.store8 (local.get $to) (i32.const 255))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
      (if (i32.eq (i32.and (local.get $byte) (i32.const 0xf8)) (i32.const 0xd0)) (then
        (if (i32.ge_u (local.get $count) (local.get $most)) (then (return (i32.const 0))))
        (i32.store (i32.add (local.get $segments) (i32.shl (local.get $count) (i32.const 2))) (local.get $to))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $next))))
    (if (i32.ne (local.get $byte) (i32.const 0xd9)) (then (return (i32.const 0))))
    (i32.store (i32.add (local.get $segments) (i32.shl (local.get $count) (i32.const 2))) (local.get $to))
    (local.get $count))

  ;; Decodes a scan as the 11 numbers at `plan` describe it; see `ScanPlan` in scan-memory.ts. Returns 1, or 0 for damaged data.
  (func (export "decodeScan") (param $plan i32) (param $blocks i32) (result i32)
    (local $bits i64) (local $count i32) (local $position i32)
    (local $segment i32) (local $left i32)
    (local $row i32) (local $column i32) (local $block i32) (local $lastBlock i32) (local $isInside i32)
    (local $entry i32) (local $k i32) (local $size i32) (local $value i32) (local $dc i32)
    (local $acTable i32) (local $fold i32) (local $into i32) (local $target i32)
    (local.set $segment (i32.load offset=0 (local.get $plan)))
    (local.set $position (i32.load (local.get $segment)))
    (local.set $left (i32.load offset=8 (local.get $plan)))
    (local.set $lastBlock
      (i32.add (local.get $blocks) (i32.mul (i32.load offset=20 (local.get $plan)) (i32.const 64))))
    (block $damaged
      (loop $nextUnit
        ;; A new segment: what is left of the bits is dropped, and differences begin at zero.
        (if (i32.eqz (local.get $left)) (then
          (br_if $damaged (i32.eqz (call $segmentHeld (local.get $segment) (local.get $position) (local.get $count))))
          (local.set $segment (i32.add (local.get $segment) (i32.const 4)))
          (br_if $damaged (i32.ge_u (local.get $segment) (i32.load offset=4 (local.get $plan))))
          (local.set $position (i32.load (local.get $segment)))
          (local.set $left (i32.load offset=8 (local.get $plan)))
          (local.set $bits (i64.const 0))
          (local.set $count (i32.const 0))
          (call $forgetDifferences (local.get $blocks) (local.get $lastBlock))))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (local.set $isInside (i32.and
          (i32.and
            (i32.ge_s (local.get $column) (i32.load offset=24 (local.get $plan)))
            (i32.lt_s (local.get $column) (i32.load offset=28 (local.get $plan))))
          (i32.and
            (i32.ge_s (local.get $row) (i32.load offset=32 (local.get $plan)))
            (i32.lt_s (local.get $row) (i32.load offset=36 (local.get $plan))))))
        (local.set $block (local.get $blocks))
        (loop $nextBlock
          (local.set $into (select (global.get $coefficients) (global.get $ignored) (local.get $isInside)))
          (local.set $fold (i32.load offset=16 (local.get $block)))
          ;; The first coefficient: its difference to that of the component's block before.
          (if (i32.lt_s (local.get $count) (i32.const 32)) (then
            (local.set $bits (i64.or (local.get $bits)
              (i64.shl (call $word (local.get $position)) (i64.extend_i32_u (i32.sub (i32.const 32) (local.get $count))))))
            (local.set $position (i32.add (local.get $position) (i32.const 4)))
            (local.set $count (i32.add (local.get $count) (i32.const 32)))))
          (local.set $entry (i32.load (i32.add (i32.load offset=0 (local.get $block))
            (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 54))) (i32.const 2)))))
          (if (i32.and (local.get $entry) (i32.const 0x80))
            (then
              (if (i32.eq (local.get $entry) (i32.const 0x80)) (then
                (local.set $entry
                  (call $longCode (i32.load offset=8 (local.get $block)) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 48)))))
                (br_if $damaged (i32.eqz (local.get $entry)))))
              (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $entry))))
              (local.set $count (i32.sub (local.get $count) (i32.and (local.get $entry) (i32.const 0x3f))))
              (local.set $size (i32.shr_u (local.get $entry) (i32.const 16)))
              (local.set $value (call $extended (local.get $bits) (local.get $size)))
              (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $size))))
              (local.set $count (i32.sub (local.get $count) (local.get $size))))
            (else
              (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $entry))))
              (local.set $count (i32.sub (local.get $count) (i32.and (local.get $entry) (i32.const 0x3f))))
              (local.set $value (i32.shr_s (local.get $entry) (i32.const 16)))))
          (local.set $target (i32.load offset=20 (local.get $block)))
          (local.set $dc (i32.add (i32.load (local.get $target)) (local.get $value)))
          (i32.store (local.get $target) (local.get $dc))
          (i32.store16 (local.get $into)
            (i32.mul (local.get $dc) (i32.shr_u (i32.load (local.get $fold)) (i32.const 8))))
          ;; The other coefficients, each with the number of zeros before it.
          (local.set $acTable (i32.load offset=4 (local.get $block)))
          (local.set $k (i32.const 1))
          (block $ended
            (loop $nextCoefficient
              (if (i32.lt_s (local.get $count) (i32.const 32)) (then
                (local.set $bits (i64.or (local.get $bits)
                  (i64.shl (call $word (local.get $position)) (i64.extend_i32_u (i32.sub (i32.const 32) (local.get $count))))))
                (local.set $position (i32.add (local.get $position) (i32.const 4)))
                (local.set $count (i32.add (local.get $count) (i32.const 32)))))
              (local.set $entry (i32.load (i32.add (local.get $acTable)
                (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 54))) (i32.const 2)))))
              (if (i32.eqz (i32.and (local.get $entry) (i32.const 0x80))) (then
                (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $entry))))
                (local.set $count (i32.sub (local.get $count) (i32.and (local.get $entry) (i32.const 0x3f))))
                (local.set $k (i32.add (local.get $k) (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 0xff))))
                (br_if $ended (i32.gt_s (local.get $k) (i32.const 63)))
                (local.set $value (i32.load (i32.add (local.get $fold) (i32.shl (local.get $k) (i32.const 2)))))
                (i32.store16 (i32.add (local.get $into) (i32.and (local.get $value) (i32.const 0xff)))
                  (i32.mul (i32.shr_s (local.get $entry) (i32.const 16)) (i32.shr_u (local.get $value) (i32.const 8))))
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (br_if $nextCoefficient (i32.lt_s (local.get $k) (i32.const 64)))
                (br $ended)))
              (if (i32.eq (local.get $entry) (i32.const 0x80)) (then
                (local.set $entry
                  (call $longCode (i32.load offset=12 (local.get $block)) (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 48)))))
                (br_if $damaged (i32.eqz (local.get $entry)))))
              (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $entry))))
              (local.set $count (i32.sub (local.get $count) (i32.and (local.get $entry) (i32.const 0x3f))))
              (local.set $size (i32.shr_u (local.get $entry) (i32.const 16)))
              (local.set $k (i32.add (local.get $k) (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 0xff))))
              (br_if $ended (i32.gt_s (local.get $k) (i32.const 63)))
              (local.set $value (i32.load (i32.add (local.get $fold) (i32.shl (local.get $k) (i32.const 2)))))
              (i32.store16 (i32.add (local.get $into) (i32.and (local.get $value) (i32.const 0xff)))
                (i32.mul (call $extended (local.get $bits) (local.get $size)) (i32.shr_u (local.get $value) (i32.const 8))))
              (local.set $bits (i64.shl (local.get $bits) (i64.extend_i32_u (local.get $size))))
              (local.set $count (i32.sub (local.get $count) (local.get $size)))
              (local.set $k (i32.add (local.get $k) (i32.const 1)))
              (br_if $nextCoefficient (i32.lt_s (local.get $k) (i32.const 64)))))
          ;; The end of a block adds 128; what else leaves the block is damage.
          (br_if $damaged (i32.and (i32.gt_s (local.get $k) (i32.const 64)) (i32.lt_s (local.get $k) (i32.const 128))))
          (if (local.get $isInside) (then
            (call $samples
              (i32.add (i32.load offset=24 (local.get $block))
                (i32.add
                  (i32.mul (i32.sub (local.get $column) (i32.load offset=24 (local.get $plan))) (i32.load offset=28 (local.get $block)))
                  (i32.mul (i32.sub (local.get $row) (i32.load offset=32 (local.get $plan))) (i32.load offset=32 (local.get $block)))))
              (i32.load offset=36 (local.get $block))
              (i32.load offset=40 (local.get $block))
              (i32.eq (local.get $k) (i32.const 129)))))
          (local.set $block (i32.add (local.get $block) (i32.const 64)))
          (br_if $nextBlock (i32.lt_u (local.get $block) (local.get $lastBlock))))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $nextUnit (i32.lt_s (local.get $column) (i32.load offset=12 (local.get $plan))))
        (local.set $column (i32.const 0))
        (local.set $row (i32.add (local.get $row) (i32.const 1)))
        (br_if $nextUnit (i32.lt_s (local.get $row) (i32.load offset=16 (local.get $plan)))))
      (return (call $segmentHeld (local.get $segment) (local.get $position) (local.get $count))))
    (v128.store offset=0 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=16 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=32 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=48 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=64 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=80 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=96 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=112 (global.get $coefficients) (v128.const i64x2 0 0))
    (i32.const 0))

  ;; Four bytes, the first one highest.
  (func $word (param $at i32) (result i64)
    (local $word i32)
    (local.set $word (i32.load (local.get $at)))
    (i64.extend_i32_u (i32.or
      (i32.and (i32.rotl (local.get $word) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $word) (i32.const 8)) (i32.const 0xff00ff00)))))

  ;; Whether a segment had all bits that were taken of it, `count` of those before `position` being left.
  (func $segmentHeld (param $segment i32) (param $position i32) (param $count i32) (result i32)
    (i32.le_s
      (i32.sub (local.get $position) (i32.shr_u (local.get $count) (i32.const 3)))
      (i32.load offset=4 (local.get $segment))))

  (func $forgetDifferences (param $block i32) (param $end i32)
    (loop $next
      (i32.store (i32.load offset=20 (local.get $block)) (i32.const 0))
      (local.set $block (i32.add (local.get $block) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $block) (local.get $end)))))

  ;; The entry of a code of 11 to 16 bits, which the lookup table has no place for: 0 when there is no such code. `limits` has, for
  ;; each length, the first 16 bits that no code of this length begins with and where its symbols begin; then come the entries.
  (func $longCode (param $limits i32) (param $bits i32) (result i32)
    (local $length i32)
    (local.set $length (i32.const 11))
    (loop $next
      (if (i32.lt_u (local.get $bits) (i32.load (i32.add (local.get $limits) (i32.shl (local.get $length) (i32.const 3)))))
        (then
          (return (i32.load offset=144 (i32.add (local.get $limits) (i32.shl
            (i32.add
              (i32.shr_u (local.get $bits) (i32.sub (i32.const 16) (local.get $length)))
              (i32.load offset=4 (i32.add (local.get $limits) (i32.shl (local.get $length) (i32.const 3)))))
            (i32.const 2)))))))
      (local.set $length (i32.add (local.get $length) (i32.const 1)))
      (br_if $next (i32.le_u (local.get $length) (i32.const 16))))
    (i32.const 0))

  ;; The value of the first `size` bits, 0 to 16: those that begin with 0 are negative.
  (func $extended (param $bits i64) (param $size i32) (result i32)
    (local $value i32)
    (if (i32.eqz (local.get $size)) (then (return (i32.const 0))))
    (local.set $value (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $size))))))
    (if (i64.ge_s (local.get $bits) (i64.const 0)) (then
      (local.set $value
        (i32.add (i32.sub (local.get $value) (i32.shl (i32.const 1) (local.get $size))) (i32.const 1)))))
    (local.get $value))

  ;; Turns the coefficients into samples, reduced by 2^halvings on each side, at `to`, column by column; leaves zeros behind.
  (func $samples (param $to i32) (param $stride i32) (param $halvings i32) (param $isEven i32)
    (local $value v128)
    (if (i32.or (local.get $isEven) (i32.eq (local.get $halvings) (i32.const 3)))
      (then
        ;; Samples that are all the same, or their mean.
        (local.set $value (i16x8.splat (i32.add
          (i32.shr_s (i32.add (i32.load16_s (global.get $coefficients)) (i32.const 4)) (i32.const 3))
          (i32.const 128))))
        (local.set $value (i8x16.narrow_i16x8_u (local.get $value) (local.get $value)))
        (if (local.get $isEven)
          (then (i32.store16 (global.get $coefficients) (i32.const 0)))
          (else (call $clear)))
        (if (i32.eq (local.get $halvings) (i32.const 3)) (then
          (v128.store8_lane 0 (local.get $to) (local.get $value))
          (return)))
        (v128.store offset=0 (global.get $between) (local.get $value))
        (v128.store offset=16 (global.get $between) (local.get $value))
        (v128.store offset=32 (global.get $between) (local.get $value))
        (v128.store offset=48 (global.get $between) (local.get $value)))
      (else
        (call $transformColumns (global.get $coefficients) (i32.const 1024) (i32.const 11))
        (call $clear)
        (call $transpose)
        ;; 128 is added to every sample: here to what becomes the sums.
        (call $transformColumns (global.get $between) (i32.const 0x2020000) (i32.const 18))
        (call $narrow)))
    (if (i32.eqz (local.get $halvings)) (then
      (call $storeColumns (local.get $to) (local.get $stride))
      (return)))
    (if (i32.eq (local.get $halvings) (i32.const 1)) (then
      (call $storeMeansOf4 (local.get $to) (local.get $stride))
      (return)))
    (call $storeMeansOf16 (local.get $to) (local.get $stride)))

  (func $clear
    (v128.store offset=0 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=16 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=32 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=48 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=64 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=80 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=96 (global.get $coefficients) (v128.const i64x2 0 0))
    (v128.store offset=112 (global.get $coefficients) (v128.const i64x2 0 0)))

  ;; The inverse cosine transform of eight numbers, of all columns of an 8x8 block, into `between`: the factorisation of Loeffler,
  ;; Ligtenberg and Moschytz (1989) with the constants times 2^13, exactly as the Independent JPEG Group's accurate integer
  ;; transform rounds it. `rounding` is added before the shift.
  (func $transformColumns (param $from i32) (param $rounding i32) (param $shift i32)
    (local $to i32) (local $half i32) (local $roundings v128)
    (local $in0 v128) (local $in1 v128) (local $in2 v128) (local $in3 v128)
    (local $in4 v128) (local $in5 v128) (local $in6 v128) (local $in7 v128)
    (local $pair v128) (local $z3 v128) (local $z4 v128)
    (local $even0 v128) (local $even1 v128) (local $even2 v128) (local $even3 v128)
    (local $odd0 v128) (local $odd1 v128) (local $odd2 v128) (local $odd3 v128)
    (local.set $roundings (i32x4.splat (local.get $rounding)))
    (local.set $to (global.get $between))
    (loop $halves
      (local.set $in0 (v128.load64_zero offset=0 (local.get $from)))
      (local.set $in1 (v128.load64_zero offset=16 (local.get $from)))
      (local.set $in2 (v128.load64_zero offset=32 (local.get $from)))
      (local.set $in3 (v128.load64_zero offset=48 (local.get $from)))
      (local.set $in4 (v128.load64_zero offset=64 (local.get $from)))
      (local.set $in5 (v128.load64_zero offset=80 (local.get $from)))
      (local.set $in6 (v128.load64_zero offset=96 (local.get $from)))
      (local.set $in7 (v128.load64_zero offset=112 (local.get $from)))
      ;; The even part.
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $in2) (local.get $in6)))
      (local.set $odd3 (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 10703 4433 10703 4433 10703 4433 10703 4433)))
      (local.set $odd2 (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 4433 -10704 4433 -10704 4433 -10704 4433 -10704)))
      (local.set $odd0 (i32x4.add (local.get $roundings) (i32x4.shl
        (i32x4.extend_low_i16x8_s (i16x8.add (local.get $in0) (local.get $in4))) (i32.const 13))))
      (local.set $odd1 (i32x4.add (local.get $roundings) (i32x4.shl
        (i32x4.extend_low_i16x8_s (i16x8.sub (local.get $in0) (local.get $in4))) (i32.const 13))))
      (local.set $even0 (i32x4.add (local.get $odd0) (local.get $odd3)))
      (local.set $even3 (i32x4.sub (local.get $odd0) (local.get $odd3)))
      (local.set $even1 (i32x4.add (local.get $odd1) (local.get $odd2)))
      (local.set $even2 (i32x4.sub (local.get $odd1) (local.get $odd2)))
      ;; The odd part.
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23
        (i16x8.add (local.get $in7) (local.get $in3)) (i16x8.add (local.get $in5) (local.get $in1))))
      (local.set $z3 (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 -6436 9633 -6436 9633 -6436 9633 -6436 9633)))
      (local.set $z4 (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 9633 6437 9633 6437 9633 6437 9633 6437)))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $in7) (local.get $in1)))
      (local.set $odd0 (i32x4.add (local.get $z3)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 -4927 -7373 -4927 -7373 -4927 -7373 -4927 -7373))))
      (local.set $odd3 (i32x4.add (local.get $z4)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 -7373 4926 -7373 4926 -7373 4926 -7373 4926))))
      (local.set $pair (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $in5) (local.get $in3)))
      (local.set $odd1 (i32x4.add (local.get $z4)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 -4176 -20995 -4176 -20995 -4176 -20995 -4176 -20995))))
      (local.set $odd2 (i32x4.add (local.get $z3)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.const i16x8 -20995 4177 -20995 4177 -20995 4177 -20995 4177))))
      (local.set $pair (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $even0) (local.get $odd3)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $even0) (local.get $odd3)) (local.get $shift))))
      (v128.store64_lane offset=0 0 (local.get $to) (local.get $pair))
      (v128.store64_lane offset=112 1 (local.get $to) (local.get $pair))
      (local.set $pair (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $even1) (local.get $odd2)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $even1) (local.get $odd2)) (local.get $shift))))
      (v128.store64_lane offset=16 0 (local.get $to) (local.get $pair))
      (v128.store64_lane offset=96 1 (local.get $to) (local.get $pair))
      (local.set $pair (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $even2) (local.get $odd1)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $even2) (local.get $odd1)) (local.get $shift))))
      (v128.store64_lane offset=32 0 (local.get $to) (local.get $pair))
      (v128.store64_lane offset=80 1 (local.get $to) (local.get $pair))
      (local.set $pair (i16x8.narrow_i32x4_s
        (i32x4.shr_s (i32x4.add (local.get $even3) (local.get $odd0)) (local.get $shift))
        (i32x4.shr_s (i32x4.sub (local.get $even3) (local.get $odd0)) (local.get $shift))))
      (v128.store64_lane offset=48 0 (local.get $to) (local.get $pair))
      (v128.store64_lane offset=64 1 (local.get $to) (local.get $pair))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (local.set $to (i32.add (local.get $to) (i32.const 8)))
      (local.set $half (i32.add (local.get $half) (i32.const 1)))
      (br_if $halves (i32.lt_u (local.get $half) (i32.const 2)))))

  ;; Exchanges rows and columns of the 8x8 numbers in `between`.
  (func $transpose
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)
    (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128)
    (local $r4 v128) (local $r5 v128) (local $r6 v128) (local $r7 v128)
    (local.set $r0 (v128.load offset=0 (global.get $between)))
    (local.set $r1 (v128.load offset=16 (global.get $between)))
    (local.set $r2 (v128.load offset=32 (global.get $between)))
    (local.set $r3 (v128.load offset=48 (global.get $between)))
    (local.set $r4 (v128.load offset=64 (global.get $between)))
    (local.set $r5 (v128.load offset=80 (global.get $between)))
    (local.set $r6 (v128.load offset=96 (global.get $between)))
    (local.set $r7 (v128.load offset=112 (global.get $between)))
    (local.set $a (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $r0) (local.get $r1)))
    (local.set $b (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $r0) (local.get $r1)))
    (local.set $c (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $r2) (local.get $r3)))
    (local.set $d (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $r2) (local.get $r3)))
    (local.set $e (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $r4) (local.get $r5)))
    (local.set $f (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $r4) (local.get $r5)))
    (local.set $g (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $r6) (local.get $r7)))
    (local.set $h (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $r6) (local.get $r7)))
    (local.set $r0 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $c)))
    (local.set $r1 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $c)))
    (local.set $r2 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $b) (local.get $d)))
    (local.set $r3 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $b) (local.get $d)))
    (local.set $r4 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $e) (local.get $g)))
    (local.set $r5 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $e) (local.get $g)))
    (local.set $r6 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $f) (local.get $h)))
    (local.set $r7 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $f) (local.get $h)))
    (v128.store offset=0 (global.get $between)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $r0) (local.get $r4)))
    (v128.store offset=16 (global.get $between)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $r0) (local.get $r4)))
    (v128.store offset=32 (global.get $between)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $r1) (local.get $r5)))
    (v128.store offset=48 (global.get $between)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $r1) (local.get $r5)))
    (v128.store offset=64 (global.get $between)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $r2) (local.get $r6)))
    (v128.store offset=80 (global.get $between)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $r2) (local.get $r6)))
    (v128.store offset=96 (global.get $between)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $r3) (local.get $r7)))
    (v128.store offset=112 (global.get $between)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $r3) (local.get $r7))))

  ;; The 64 numbers in `between` as bytes, cut off at 0 and 255, at its beginning.
  (func $narrow
    (v128.store offset=0 (global.get $between)
      (i8x16.narrow_i16x8_u (v128.load offset=0 (global.get $between)) (v128.load offset=16 (global.get $between))))
    (v128.store offset=16 (global.get $between)
      (i8x16.narrow_i16x8_u (v128.load offset=32 (global.get $between)) (v128.load offset=48 (global.get $between))))
    (v128.store offset=32 (global.get $between)
      (i8x16.narrow_i16x8_u (v128.load offset=64 (global.get $between)) (v128.load offset=80 (global.get $between))))
    (v128.store offset=48 (global.get $between)
      (i8x16.narrow_i16x8_u (v128.load offset=96 (global.get $between)) (v128.load offset=112 (global.get $between)))))

  ;; Eight columns of eight bytes.
  (func $storeColumns (param $to i32) (param $stride i32)
    (local $from i32)
    (local.set $from (global.get $between))
    (loop $next
      (i64.store (local.get $to) (i64.load (local.get $from)))
      (i64.store (i32.add (local.get $to) (local.get $stride)) (i64.load offset=8 (local.get $from)))
      (local.set $to (i32.add (local.get $to) (i32.shl (local.get $stride) (i32.const 1))))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.ne (local.get $from) (i32.add (global.get $between) (i32.const 64))))))

  ;; Four columns of four means of 2x2 bytes.
  (func $storeMeansOf4 (param $to i32) (param $stride i32)
    (local $from i32) (local $sums v128)
    (local.set $from (global.get $between))
    (loop $next
      (local.set $sums (i16x8.extadd_pairwise_i8x16_u (v128.load (local.get $from))))
      (local.set $sums (i16x8.add (local.get $sums)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sums) (local.get $sums))))
      (local.set $sums (i16x8.shr_u (i16x8.add (local.get $sums) (i16x8.splat (i32.const 2))) (i32.const 2)))
      (v128.store32_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $sums) (local.get $sums)))
      (local.set $to (i32.add (local.get $to) (local.get $stride)))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.ne (local.get $from) (i32.add (global.get $between) (i32.const 64))))))

  ;; Two columns of two means of 4x4 bytes.
  (func $storeMeansOf16 (param $to i32) (param $stride i32)
    (local $from i32) (local $sums v128)
    (local.set $from (global.get $between))
    (loop $next
      (local.set $sums (i32x4.extadd_pairwise_i16x8_u (i16x8.add
        (i16x8.extadd_pairwise_i8x16_u (v128.load offset=0 (local.get $from)))
        (i16x8.extadd_pairwise_i8x16_u (v128.load offset=16 (local.get $from))))))
      (local.set $sums (i32x4.add (local.get $sums)
        (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $sums) (local.get $sums))))
      (local.set $sums (i32x4.shr_u (i32x4.add (local.get $sums) (i32x4.splat (i32.const 8))) (i32.const 4)))
      (local.set $sums (i16x8.narrow_i32x4_u (local.get $sums) (local.get $sums)))
      (v128.store16_lane 0 (local.get $to) (i8x16.narrow_i16x8_u (local.get $sums) (local.get $sums)))
      (local.set $to (i32.add (local.get $to) (local.get $stride)))
      (local.set $from (i32.add (local.get $from) (i32.const 32)))
      (br_if $next (i32.ne (local.get $from) (i32.add (global.get $between) (i32.const 64)))))))
