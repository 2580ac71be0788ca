package io.millrace.language.tokenize;

import java.util.Arrays;

/** A growing array of ints. */
final class IntBuffer {

  private int[] values;
  private int size;

  IntBuffer(int capacity) {
    this.values = new int[capacity];
  }

  void add(int... more) {
    if (size + more.length > values.length) {
      values = Arrays.copyOf(values, Math.max(values.length * 2, size + more.length));
    }
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
