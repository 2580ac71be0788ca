package io.millrace.tensor.engine;

import ai.djl.Device;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A device as a person names it in a setting: {@code auto}, {@code cpu} or {@code cuda:N}; {@code
 * cuda} is the first, or all of them where a {@link DevicePool} is asked for.
 */
public sealed interface DeviceChoice {

  /** The first CUDA device if there is one, else the processor. */
  record Auto() implements DeviceChoice {}

  /** The processor. */
  record Cpu() implements DeviceChoice {}

  /** One CUDA device. */
  record Cuda(int index) implements DeviceChoice {}

  /**
   * Reads a setting.
   *
   * @throws IllegalArgumentException if it is none of the three forms
   */
  static DeviceChoice parse(String setting) {
    String text = setting.strip().toLowerCase(Locale.ROOT);
    Matcher cuda = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(text);
    if (text.equals("auto")) {
      return new Auto();
    }
    if (text.equals("cpu")) {
      return new Cpu();
    }
    if (cuda.matches()) {
      return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    throw new IllegalArgumentException(
        "unknown device '" + setting + "': use auto, cpu or cuda:N (N from 0)");
  }

  /**
   * Reads a setting that may mean several devices.
   *
   * @param cudaDevices that this process can use
   * @return at least one
   * @throws IllegalArgumentException as {@link #parse}
   */
  static List<DeviceChoice> parseAll(String setting, int cudaDevices) {
    DeviceChoice one = parse(setting);
    boolean all = setting.strip().equalsIgnoreCase("cuda");
    return all && cudaDevices > 1
        ? IntStream.range(0, cudaDevices).<DeviceChoice>mapToObj(Cuda::new).toList()
        : List.of(one);
  }

  /**
   * The DJL device meant, given how many CUDA devices this process can use.
   *
   * @throws IllegalStateException if a CUDA device is asked for that is not there
   */
  default Device resolve(int cudaDevices) {
    return switch (this) {
      case Auto() -> cudaDevices > 0 ? Device.gpu(0) : Device.cpu();
      case Cpu() -> Device.cpu();
      case Cuda(int index) -> {
        if (index >= cudaDevices) {
          throw new IllegalStateException(
              "device cuda:%d was asked for, but this process can use %s; set the device to auto or cpu"
                  .formatted(
                      index,
                      cudaDevices == 0
                          ? "no CUDA device (no GPU, or libtorch is the CPU build)"
                          : "only cuda:0 to cuda:" + (cudaDevices - 1)));
        }
        yield Device.gpu(index);
      }
    };
  }
}
