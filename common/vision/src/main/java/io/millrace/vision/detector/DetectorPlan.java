package io.millrace.vision.detector;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.vision.network.Products;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a detector costs.
 *
 * @param inputWidth pixels of the pictures that it is counted for
 * @param inputHeight likewise
 * @param parameters learned values by part of the network
 * @param multiplyAdds of a picture in convolutions and fully connected layers, by part; all
 *     branches that look at it. Without a part of which some layer is not counted, such as the
 *     cascade of MTCNN, whose work depends on what a picture shows
 * @param weightBytes of the model in float32, with what is not learned
 * @param trainingBytes of weights, gradients and the optimizer's two moments in float32
 * @param mapBytes of the results of all these layers for one picture in float32; training keeps
 *     them, and about as much for each norm and activation behind them
 */
public record DetectorPlan(
    int inputWidth,
    int inputHeight,
    Map<String, Long> parameters,
    Map<String, Long> multiplyAdds,
    long weightBytes,
    long trainingBytes,
    long mapBytes) {

  private static final int CANDIDATES = 100;

  /** Keeps the maps as they are, in the order in which a picture passes the parts. */
  public DetectorPlan {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    multiplyAdds = Collections.unmodifiableMap(new LinkedHashMap<>(multiplyAdds));
  }

  /**
   * Counts by running the network's kernels on one picture with layers that multiply nothing; no
   * weight is allocated.
   */
  public static DetectorPlan of(TensorEngine engine, DetectorConfig config) {
    DetectorLayout layout = DetectorLayout.of(config);
    Map<String, Long> parameters = new LinkedHashMap<>();
    Map<String, Long> multiplyAdds = new LinkedHashMap<>();
    Set<String> uncounted = new HashSet<>();
    long values = 0;
    long learned = 0;
    long results = 0;
    long[] uses = uses(engine, config, layout);
    for (int i = 0; i < uses.length; i++) {
      ParameterSpec spec = layout.specs().get(i);
      long count = spec.count();
      values += count;
      if (spec.group().learned()) {
        learned += count;
        parameters.merge(part(spec.name()), count, Long::sum);
      }
      multiplyAdds.merge(part(spec.name()), uses[i] * count, Long::sum);
      if (uses[i] == 0 && spec.shape().dimension() > 1) {
        uncounted.add(part(spec.name()));
      }
      results += uses[i] * spec.shape().get(0);
    }
    multiplyAdds.keySet().removeAll(uncounted);
    return new DetectorPlan(
        config.inputWidth(),
        config.inputHeight(),
        parameters,
        multiplyAdds,
        Float.BYTES * values,
        Float.BYTES * (values + 3 * learned),
        Float.BYTES * results);
  }

  /** All learned values. */
  public long allParameters() {
    return parameters.values().stream().mapToLong(Long::longValue).sum();
  }

  /** All products of a picture. */
  public long allMultiplyAdds() {
    return multiplyAdds.values().stream().mapToLong(Long::longValue).sum();
  }

  private static String part(String name) {
    for (String part : new String[] {"head", "neck", "upsampling"}) {
      if (name.startsWith(part + ".")) {
        return part;
      }
    }
    return "backbone";
  }

  /** How often each tensor's values are multiplied for one picture. */
  private static long[] uses(TensorEngine engine, DetectorConfig config, DetectorLayout layout) {
    try (NDManager manager = engine.newManager()) {
      NDList counters = new NDList();
      NDList weights = new NDList();
      for (ParameterSpec spec : layout.specs()) {
        NDArray counter = manager.zeros(new Shape(1), DataType.FLOAT32);
        counters.add(counter);
        weights.add(counter.broadcast(spec.shape()));
      }
      Kernels kernels = DetectorNetwork.kernels(engine, config, Products.COUNTED);
      try (KernelValue network = kernels.make(layout.network(), weights)) {
        Shape picture = new Shape(1, config.inputHeight(), config.inputWidth(), 3);
        NDArray rgb = manager.zeros(picture, DataType.UINT8);
        long[] branches = config.backbone().branches().looking();
        NDList unused = kernels.run(manager, "detect", network, rgb, CANDIDATES, branches);
      }
      return counters.stream().mapToLong(one -> (long) one.getFloat(0)).toArray();
    }
  }
}
