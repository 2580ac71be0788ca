package io.millrace.vision.receptive;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Networks of the literature as lists of layers, up to their last map. The longest way is what
 * counts: of a residual block its convolutions.
 */
public final class KnownNetworks {
  static final List<Integer> RESNET_50 = List.of(3, 4, 6, 3);
  static final List<Integer> RESNET_101 = List.of(3, 4, 23, 3);
  static final List<Integer> RESNET_152 = List.of(3, 8, 36, 3);

  private static final SequencedMap<String, List<Layer>> ALL = all();

  private KnownNetworks() {}

  /** Their layers by name. */
  public static SequencedMap<String, List<Layer>> byName() {
    return ALL;
  }

  private static SequencedMap<String, List<Layer>> all() {
    SequencedMap<String, List<Layer>> all = new LinkedHashMap<>();
    all.put("alexnet", alexNet());
    all.put("vgg-16", vgg16());
    for (boolean strideFirst : new boolean[] {false, true}) {
      String suffix = strideFirst ? "-original" : "";
      all.put("resnet-50" + suffix, resNet(RESNET_50, strideFirst));
      all.put("resnet-101" + suffix, resNet(RESNET_101, strideFirst));
      all.put("resnet-152" + suffix, resNet(RESNET_152, strideFirst));
    }
    all.put("mobilenet-v1", mobileNet());
    all.put("yolo-v1-paper", yoloV1());
    all.put("p-net", pNet());
    all.put("cpc-audio", cpcAudio());
    return Collections.unmodifiableSequencedMap(all);
  }

  /** Krizhevsky et al. 2012, up to pool5. */
  static List<Layer> alexNet() {
    return List.of(
        Layer.of("conv1", 11, 4, 2),
        Layer.of("pool1", 3, 2, 0),
        Layer.same("conv2", 5, 1, 1),
        Layer.of("pool2", 3, 2, 0),
        Layer.same("conv3", 3, 1, 1),
        Layer.same("conv4", 3, 1, 1),
        Layer.same("conv5", 3, 1, 1),
        Layer.of("pool5", 3, 2, 0));
  }

  /** Simonyan and Zisserman 2014, configuration D, up to pool5. */
  static List<Layer> vgg16() {
    List<Layer> layers = new ArrayList<>();
    int[] convolutions = {2, 2, 3, 3, 3};
    for (int stage = 1; stage <= convolutions.length; stage++) {
      for (int i = 1; i <= convolutions[stage - 1]; i++) {
        layers.add(Layer.same("conv%d_%d".formatted(stage, i), 3, 1, 1));
      }
      layers.add(Layer.of("pool" + stage, 2, 2, 0));
    }
    return layers;
  }

  /**
   * He et al. 2015, of bottleneck blocks.
   *
   * @param blocks of the stages conv2 to conv5
   * @param strideFirst whether a stage's stride is that of its first 1 x 1 convolution, as first
   *     published, rather than that of the 3 x 3 convolution after it
   */
  static List<Layer> resNet(List<Integer> blocks, boolean strideFirst) {
    return resNet(blocks, strideFirst, blocks.size(), 1);
  }

  /**
   * The same up to a stage, the blocks of which but the first are dilated: a branch of TridentNet
   * (Li et al. 2019).
   */
  static List<Layer> resNet(List<Integer> blocks, boolean strideFirst, int stages, int dilation) {
    List<Layer> layers = new ArrayList<>();
    layers.add(Layer.same("conv1", 7, 2, 1));
    layers.add(Layer.of("pool1", 3, 2, 1));
    for (int stage = 0; stage < stages; stage++) {
      for (int block = 0; block < blocks.get(stage); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        int taps = stage == stages - 1 && block > 0 ? dilation : 1;
        String name = "conv%d_%d".formatted(stage + 2, block + 1);
        layers.add(Layer.same(name + ".1", 1, strideFirst ? stride : 1, 1));
        layers.add(Layer.same(name + ".2", 3, strideFirst ? 1 : stride, taps));
        layers.add(Layer.same(name + ".3", 1, 1, 1));
      }
    }
    return layers;
  }

  /** Howard et al. 2017, up to the last 1 x 1 convolution. */
  static List<Layer> mobileNet() {
    List<Layer> layers = new ArrayList<>(List.of(Layer.same("conv0", 3, 2, 1)));
    int[] strides = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
    for (int i = 1; i <= strides.length; i++) {
      layers.add(Layer.same("depthwise" + i, 3, strides[i - 1], 1));
      layers.add(Layer.same("pointwise" + i, 1, 1, 1));
    }
    return layers;
  }

  /** Redmon et al. 2016, its 24 convolutions. */
  static List<Layer> yoloV1() {
    List<Layer> layers = new ArrayList<>();
    layers.add(Layer.same("conv1", 7, 2, 1));
    convolveAfterPooling(layers, 3);
    convolveAfterPooling(layers, 1, 3, 1, 3);
    convolveAfterPooling(layers, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3);
    convolveAfterPooling(layers, 1, 3, 1, 3, 3);
    layers.add(Layer.same("conv22", 3, 2, 1));
    layers.add(Layer.same("conv23", 3, 1, 1));
    layers.add(Layer.same("conv24", 3, 1, 1));
    return layers;
  }

  /** A pooling of 2 x 2, then convolutions of these kernels, numbered on. */
  private static void convolveAfterPooling(List<Layer> layers, int... kernels) {
    long before = layers.stream().filter(layer -> layer.name().startsWith("conv")).count();
    layers.add(Layer.of("pool" + before, 2, 2, 0));
    for (int i = 0; i < kernels.length; i++) {
      layers.add(Layer.same("conv" + (before + 1 + i), kernels[i], 1, 1));
    }
  }

  /** Zhang et al. 2016, MTCNN's first network. */
  static List<Layer> pNet() {
    return List.of(
        Layer.of("conv1", 3, 1, 0),
        Layer.of("pool1", 2, 2, 0),
        Layer.of("conv2", 3, 1, 0),
        Layer.of("conv3", 3, 1, 0));
  }

  /** Van den Oord et al. 2018, contrastive predictive coding of sound, in samples of 16 kHz. */
  static List<Layer> cpcAudio() {
    return List.of(
        Layer.of("conv1", 10, 5, 0),
        Layer.of("conv2", 8, 4, 0),
        Layer.of("conv3", 4, 2, 0),
        Layer.of("conv4", 4, 2, 0),
        Layer.of("conv5", 4, 2, 0));
  }
}
