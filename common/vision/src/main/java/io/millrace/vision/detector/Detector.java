package io.millrace.vision.detector;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Detection;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.Shown;
import io.millrace.vision.view.View;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A trained detector for pictures of any size.
 *
 * <p>Safe for use by several threads; another one may train a model meanwhile. Must not be closed
 * while in use.
 */
public final class Detector implements AutoCloseable {

  private final DetectorNetwork network;
  private final View view;

  private Detector(DetectorNetwork network) {
    this.network = network;
    this.view = new Letterbox(network.config().inputWidth(), network.config().inputHeight());
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException as {@link DetectorNetwork#load}
   */
  public static Detector load(TensorEngine engine, Path directory) throws IOException {
    return new Detector(DetectorNetwork.load(engine, directory));
  }

  /** Its shape and class names. */
  public DetectorConfig config() {
    return network.config();
  }

  /** Finds objects in one picture, see {@link #detect(List, double, int)}. */
  public List<Detection> detect(Picture picture, double minScore, int max) {
    return detect(List.of(picture), minScore, max).getFirst();
  }

  /**
   * Finds objects, best first, at most {@code max} a picture: those of lower score are left out, as
   * are boxes that lie in the padding only.
   *
   * @param minScore in [0, 1]; detections below are left out
   * @return for each picture, boxes in its own pixels, clipped to it
   */
  public List<List<Detection>> detect(List<Picture> pictures, double minScore, int max) {
    if (pictures.isEmpty()) {
      return List.of();
    }
    List<Shown> shown = pictures.stream().map(view::show).toList();
    ByteBuffer rgb =
        ByteBuffer.allocateDirect(
            Math.multiplyExact(pictures.size(), shown.getFirst().picture().rgb().length));
    shown.forEach(one -> rgb.put(one.picture().rgb()));
    List<List<Detection>> found = network.detect(rgb.flip(), minScore, max);
    List<List<Detection>> mapped = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      mapped.add(shown.get(i).placement().inOwnPixels(found.get(i)));
    }
    return mapped;
  }

  @Override
  public void close() {
    network.close();
  }
}
