package io.millrace.tensor.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What libtorch's profiler saw of some work of the calling thread.
 *
 * @param operations that call no other ones: about as many as kernels
 * @param deviceSeconds in which a CUDA device was in one of them; empty on a processor, and where
 *     the profiler says nothing of the device, as that of libtorch 2.11 does
 */
public record OperationProfile(long operations, OptionalDouble deviceSeconds) {

  /** Of what {@code JniUtils.stopProfile} writes: complete events of Chrome's trace format. */
  private static final Pattern EVENT =
      Pattern.compile(
          "\"ts\": ([-+.\\de]+),\\s*\"dur\": ([-+.\\de]+),\\s*\"tid\": (\\d+),\\s*\"pid\": \"(CPU|CUDA) Functions\"",
          Pattern.CASE_INSENSITIVE);

  private record Event(double begin, double end) {}

  /** Runs the work, which takes longer than without. */
  public static OperationProfile of(TensorEngine engine, Runnable work) throws IOException {
    Path trace = Files.createTempFile("millrace-profile", ".json");
    try {
      JniUtils.startProfile(
          engine.device().isGpu(), /* recordShape= */ false, /* profileMemory= */ false);
      try {
        work.run();
      } finally {
        JniUtils.stopProfile(trace.toString());
      }
      return read(Files.readString(trace));
    } finally {
      Files.delete(trace);
    }
  }

  static OperationProfile read(String trace) {
    List<Event> calls = new ArrayList<>();
    List<Event> kernels = new ArrayList<>();
    Matcher matcher = EVENT.matcher(trace);
    while (matcher.find()) {
      double begin = Double.parseDouble(matcher.group(1));
      Event event = new Event(begin, begin + Double.parseDouble(matcher.group(2)));
      (matcher.group(4).equalsIgnoreCase("CPU") ? calls : kernels).add(event);
    }
    OptionalDouble device =
        kernels.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(covered(kernels) / 1e6);
    return new OperationProfile(innermost(calls), device);
  }

  /** Those of which none lies inside. */
  private static long innermost(List<Event> events) {
    events.sort(
        Comparator.comparingDouble(Event::begin)
            .thenComparing(Event::end, Comparator.reverseOrder()));
    long count = 0;
    for (int i = 0; i < events.size(); i++) {
      boolean last = i + 1 == events.size();
      if (last || events.get(i + 1).begin() >= events.get(i).end()) {
        count++;
      }
    }
    return count;
  }

  /** Length of what they cover together. */
  private static double covered(List<Event> events) {
    events.sort(Comparator.comparingDouble(Event::begin));
    double length = 0;
    double end = Double.NEGATIVE_INFINITY;
    for (Event event : events) {
      length += Math.max(0, event.end() - Math.max(end, event.begin()));
      end = Math.max(end, event.end());
    }
    return length;
  }
}
