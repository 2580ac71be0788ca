package io.millrace.tensor.loss;

import io.millrace.tensor.kernel.KernelSource;
import java.util.List;
import java.util.stream.Stream;

/** The kernel files of this package. */
final class KernelFiles {

  private KernelFiles() {}

  static List<KernelSource> of(List<String> names) {
    return names.stream().map(name -> KernelSource.of(KernelFiles.class, name)).toList();
  }

  static List<KernelSource> of(String... names) {
    return of(List.of(names));
  }

  static List<KernelSource> with(List<String> names, KernelSource other) {
    return Stream.concat(of(names).stream(), Stream.of(other)).toList();
  }
}
