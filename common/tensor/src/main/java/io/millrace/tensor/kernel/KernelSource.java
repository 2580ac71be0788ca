package io.millrace.tensor.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The text of one kernel file: top-level TorchScript functions in Python syntax.
 *
 * <p>A function whose name starts with an underscore is a helper; every other one can be called
 * from Java. Functions may call each other, across files too. Lines that start with {@code import}
 * or {@code from} are there for editors and Python and are ignored.
 *
 * <p>A file may declare NamedTuples, {@code class Name(NamedTuple):} with a field a line. Java
 * makes those that hold tensors, numbers, lists of them and other NamedTuples, {@code Optional} or
 * in lists, by {@link Kernels#make}. Number formats have Python's names, {@code torch.float32}.
 *
 * <p>What fails without an error, and is easily written:
 *
 * <ul>
 *   <li>An operation that writes to the tensors of a list ({@code _foreach_..._}, {@code
 *       _fused_..._}) is left out as dead code if the list was made in the kernel, written as
 *       {@code [x]} or filled by {@code append}; pass an argument, or a slice of one.
 *   <li>{@code _fused_adamw_} reads memory in order and ignores strides; {@code torch.grad} may
 *       return transposed views.
 *   <li>{@code x.view(dtype)} is taken for {@code x.view([dtype])}; use {@code torch.view_copy(x,
 *       dtype=...)}.
 *   <li>{@code torch.zeros} and its like are float32 on the processor whatever the inputs are,
 *       unless told.
 *   <li>{@code torch.tensor(x, dtype=torch.float64)} of floats of the kernel rounds them to float32
 *       on the way; {@code torch.full} keeps their digits.
 *   <li>A float32 sum or norm of one long vector is wrong in the third digit at millions of values;
 *       go by blocks.
 * </ul>
 *
 * @param name file name for messages
 * @param text the source
 */
public record KernelSource(String name, String text) {

  /** Reads the kernel file that lies beside {@code owner}. */
  public static KernelSource of(Class<?> owner, String fileName) {
    try (InputStream in = owner.getResourceAsStream(fileName)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "no kernel file " + fileName + " beside " + owner.getName());
      }
      return new KernelSource(fileName, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read kernel file " + fileName, e);
    }
  }
}
