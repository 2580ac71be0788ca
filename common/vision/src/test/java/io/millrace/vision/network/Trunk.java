package io.millrace.vision.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.check.GradientCheck;
import io.millrace.tensor.engine.TensorEngine;
import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.tensor.kernel.KernelValue;
import io.millrace.tensor.kernel.Kernels;
import io.millrace.tensor.parameter.ParameterSpec;
import io.millrace.tensor.parameter.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A backbone and a neck without a head, in float64. */
final class Trunk implements AutoCloseable {

  private final NDManager manager;
  private final Kernels kernels;
  private final KernelTuple layout;
  private final List<ParameterSpec> specs;
  private final NDList weights = new NDList();
  private final Random random = new Random(4);

  /** Of fresh weights; scales and biases are moved so that none is at a special place. */
  Trunk(TensorEngine engine, LayerStyle style, Backbone backbone, Neck neck) {
    this(engine, style, backbone, neck, /* fresh= */ true);
  }

  /**
   * The same, whose weights can be all 0 until others are put in.
   *
   * @param fresh whether they are drawn
   */
  Trunk(TensorEngine engine, LayerStyle style, Backbone backbone, Neck neck, boolean fresh) {
    manager = engine.newManager();
    List<KernelSource> sources = new ArrayList<>();
    sources.addAll(Products.F32.kernels());
    sources.add(style.activation().kernel());
    sources.addAll(backbone.kernels());
    sources.addAll(neck.kernels());
    sources.add(KernelSource.of(Trunk.class, "trunk.py"));
    kernels = Kernels.shared(engine, sources);
    NetworkWeights described = new NetworkWeights(style);
    layout =
        new KernelTuple("Trunk")
            .part("backbone", backbone.tuple(described))
            .part("neck", neck.tuple(described, backbone.levels()));
    layout.tensors("learned", described.learned());
    specs = described.specs();
    if (fresh) {
      draw(engine);
    } else {
      specs.forEach(spec -> weights.add(manager.zeros(spec.shape(), DataType.FLOAT64)));
    }
  }

  private void draw(TensorEngine engine) {
    try (ParameterStore store = ParameterStore.create(engine, specs, 3)) {
      for (NDArray weight : store.tensors()) {
        double[] values = weight.toType(DataType.FLOAT64, true).toDoubleArray();
        double moved = weight.getShape().dimension() == 1 ? 0.1 : 0;
        Arrays.setAll(values, i -> values[i] + moved * random.nextDouble());
        weights.add(manager.create(values, weight.getShape()));
      }
    }
  }

  NDArray normal(long... shape) {
    double[] values = new double[(int) new Shape(shape).size()];
    Arrays.setAll(values, i -> random.nextGaussian());
    return manager.create(values, new Shape(shape));
  }

  NDManager manager() {
    return manager;
  }

  List<ParameterSpec> specs() {
    return specs;
  }

  NDArray weight(String name) {
    return weights.get(specs.stream().map(ParameterSpec::name).toList().indexOf(name));
  }

  /** Gives a weight another value everywhere. */
  void fill(String name, double value) {
    int place = specs.stream().map(ParameterSpec::name).toList().indexOf(name);
    weights.set(
        place, manager.full(weights.get(place).getShape(), (float) value, DataType.FLOAT64));
  }

  /** Puts other values into a weight. */
  void set(String name, double... values) {
    int place = specs.stream().map(ParameterSpec::name).toList().indexOf(name);
    weights.set(place, manager.create(values, weights.get(place).getShape()));
  }

  /** What the backbone gives. */
  NDList maps(NDArray x, boolean learning, long... branches) {
    return run("maps", x, learning, branches);
  }

  /** What the neck gives for a picture. */
  NDList levels(NDArray x, boolean learning, long... branches) {
    return run("necks", x, learning, branches);
  }

  /** What the neck gives for maps of a backbone. */
  NDList neck(NDList maps, Neck neck, List<Level> backbone, LayerStyle style, NDList own) {
    KernelTuple tuple = neck.tuple(new NetworkWeights(style), backbone);
    try (KernelValue made = kernels.make(tuple, own);
        KernelValue run = runOf(/* learning= */ false, 0)) {
      return kernels.run(manager, "neck", maps, made, run);
    }
  }

  private NDList run(String function, NDArray x, boolean learning, long... branches) {
    try (KernelValue made = kernels.make(layout, weights);
        KernelValue run = runOf(learning, branches)) {
      return kernels.run(manager, function, x, made, run);
    }
  }

  private KernelValue runOf(boolean learning, long... branches) {
    List<Integer> numbers = Arrays.stream(branches).mapToObj(b -> (int) b).toList();
    return kernels.make(
        new KernelTuple("Run").flag("learning", learning).numbers("branches", numbers),
        new NDList());
  }

  /** Gradients of all learned weights against central differences. */
  GradientCheck.Result checkGradients(NDArray x, boolean learning, long... branches) {
    return checkGradients(12, x, learning, branches);
  }

  /** The same of some entries of each weight. */
  GradientCheck.Result checkGradients(int entries, NDArray x, boolean learning, long... branches) {
    List<String> all = specs.stream().map(ParameterSpec::name).toList();
    return checkGradients(all, entries, x, learning, branches);
  }

  /** The same of the weights of these names, if they are learned. */
  GradientCheck.Result checkGradients(
      List<String> names, int entries, NDArray x, boolean learning, long... branches) {
    List<Integer> learned = new ArrayList<>();
    List<Integer> checked = new ArrayList<>();
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).group().learned()) {
        if (names.contains(specs.get(i).name())) {
          checked.add(learned.size());
        }
        learned.add(i);
      }
    }
    try (KernelValue made = kernels.makeLearned(layout, weights);
        KernelValue run = runOf(learning, branches)) {
      NDList found = kernels.runRecording(manager, "trunk_gradients", x, made, run);
      NDList inputs = new NDList();
      NDList gradients = new NDList();
      checked.forEach(i -> inputs.add(weights.get(learned.get(i))));
      checked.forEach(i -> gradients.add(found.get(i)));
      return new GradientCheck(1e-6, entries, 1)
          .compare(
              at -> {
                NDList all = new NDList(weights);
                for (int i = 0; i < checked.size(); i++) {
                  all.set(learned.get(checked.get(i)), at.get(i));
                }
                try (KernelValue moved = kernels.make(layout, all);
                    NDManager scratch = manager.newSubManager()) {
                  return kernels
                      .run(scratch, "trunk_value", x, moved, run)
                      .singletonOrThrow()
                      .toDoubleArray()[0];
                }
              },
              inputs,
              gradients);
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
