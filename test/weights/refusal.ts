import { UserError } from '../../runtime/user-error.ts';

/** The error with which a promise is refused; fails when it is not, or not by a `UserError`. */
export async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof UserError) return error;
  throw error;
}
