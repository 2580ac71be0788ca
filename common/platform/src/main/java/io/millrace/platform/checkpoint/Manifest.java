package io.millrace.platform.checkpoint;

import java.util.List;

/**
 * What a checkpoint consists of: the content of {@code manifest.json}, which is written last.
 *
 * @param format version of this format
 * @param files all files but the manifest, sorted by name
 */
record Manifest(int format, List<Entry> files) {
  static final int FORMAT = 1;
  static final String NAME = "manifest.json";

  Manifest {
    files = List.copyOf(files);
  }

  /**
   * A file.
   *
   * @param name without a directory
   * @param size in bytes
   * @param sha256 hexadecimal
   */
  record Entry(String name, long size, String sha256) {}
}
