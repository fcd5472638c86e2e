export { Authenticator, type FailureReason } from './authenticator.ts';
export { type Credentials, credentialsOf } from './credentials.ts';
export {
  forbidden,
  keyNotFound,
  remoteWriteDisabled,
  unauthenticated,
  userNotFound,
} from './errors.ts';
export {
  type ApiKey,
  EVERY_DATABASE,
  type KeyRequest,
  PRIVILEGES,
  type Privilege,
  type RemoteWrite,
  type RemoteWriteSettings,
  SCOPES,
  type Scope,
  type User,
} from './model.ts';
export { ANYONE, type DatabaseRight, NOBODY, type Principal, restrict } from './principal.ts';
export { isRemoteWriteId, newSecret } from './secrets.ts';
export { AccessStore, type AccessStoreOptions, type NewKey } from './store.ts';
