package io.millrace.platform.checkpoint;

/**
 * Files of a checkpoint that are stored.
 *
 * @param manifestSha256 SHA-256 of the manifest, hexadecimal: what identifies the checkpoint
 * @param bytes of all of them, the manifest included
 */
public record StoredFiles(String manifestSha256, long bytes) {}
