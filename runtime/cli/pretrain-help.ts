/** The end of the help, for a command line that begins with `start`. */
export function pretrainHelp(start: string): string {
  return `
Examples:
  ${start} --data pictures
  ${start} --data pictures --epochs 50 --warmup 2 --batch 64 --out runs/trial
  ${start} --data pictures --steps 20   # how fast is it here?
  ${start} --data pictures --resume     # go on where it stopped
  ${start} --data more --from runs/first/checkpoint.safetensors --out runs/second

What is left out is as the model's recipe says. Ctrl-C stops after the step under way and saves;
the same command with --resume then goes on and gives the same bits as if it had never stopped.

The output folder holds checkpoint.safetensors (weights under their official names, optimizer state),
log.jsonl (one JSON object per step and per epoch), reconstruction.png, loss.png,
report.html and, for TensorBoard, tensorboard/.

Exit codes: 0 fine, 1 failed, 2 wrong command line, 130 stopped by ctrl-C.`;
}
