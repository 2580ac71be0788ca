package io.millrace.platform;

/** What keeps the objects. */
public enum ObjectStoreKind {
  /** A directory, which processes of one host or of a shared file system use together. */
  FILES,
  /** A bucket of a server that speaks S3. */
  S3
}
