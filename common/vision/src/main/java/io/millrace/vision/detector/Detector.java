package io.millrace.vision.detector;

import io.millrace.tensor.engine.TensorEngine;
import io.millrace.vision.box.Detection;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.suppress.Suppression;
import io.millrace.vision.suppress.Suppressor;
import io.millrace.vision.view.Look;
import io.millrace.vision.view.Shown;
import io.millrace.vision.view.Viewing;
import io.millrace.vision.view.Whole;
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

  /** Looks that the network sees at a time, so that many slices need no more memory than some. */
  private static final int BATCH = 16;

  private final DetectorNetwork network;
  private final Suppressor suppressor;

  private Detector(DetectorNetwork network, Suppressor suppressor) {
    this.network = network;
    this.suppressor = suppressor;
  }

  /**
   * Loads a model folder.
   *
   * @throws IOException as {@link DetectorNetwork#load}
   */
  public static Detector load(TensorEngine engine, Path directory) throws IOException {
    return new Detector(DetectorNetwork.load(engine, directory), new Suppressor(engine));
  }

  /** Its shape and class names. */
  public DetectorConfig config() {
    return network.config();
  }

  /** What it usually does with detections of one object: of one look, or to merge several. */
  public Suppression suppression(Viewing viewing) {
    return viewing instanceof Whole ? config().suppression() : viewing.merging();
  }

  /** Finds objects in one picture, see {@link #detect(List, double, int)}. */
  public List<Detection> detect(Picture picture, double minScore, int max) {
    return detect(List.of(picture), minScore, max).getFirst();
  }

  /** As {@link #detect(List, DetectOptions)}, with one look at each picture. */
  public List<List<Detection>> detect(List<Picture> pictures, double minScore, int max) {
    Whole whole = new Whole();
    return detect(pictures, new DetectOptions(minScore, max, whole, suppression(whole)));
  }

  /**
   * Finds objects, best first: those of lower score are left out, as are boxes that lie in the
   * padding only, and those that a look is not good for.
   *
   * @return for each picture, boxes in its own pixels, clipped to it
   */
  public List<List<Detection>> detect(List<Picture> pictures, DetectOptions options) {
    List<Sight> sights = new ArrayList<>();
    List<List<Detection>> found = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      found.add(new ArrayList<>());
      for (Look look : looks(pictures.get(i), options.viewing())) {
        sights.add(new Sight(i, look));
      }
    }
    for (int first = 0; first < sights.size(); first += BATCH) {
      List<Sight> some = sights.subList(first, Math.min(first + BATCH, sights.size()));
      look(pictures, some, options, found);
    }
    return suppressor.suppress(found, options.suppression(), options.max()).stream()
        .map(all -> all.stream().filter(one -> one.score() >= options.minScore()).toList())
        .toList();
  }

  /** A look at one of several pictures. */
  private record Sight(int picture, Look look) {}

  private List<Look> looks(Picture picture, Viewing viewing) {
    return viewing.looks(
        picture.width(), picture.height(), config().inputWidth(), config().inputHeight());
  }

  /** Adds what some looks find. */
  private void look(
      List<Picture> pictures,
      List<Sight> sights,
      DetectOptions options,
      List<List<Detection>> found) {
    List<Shown> shown =
        sights.stream().map(one -> one.look().view().show(pictures.get(one.picture()))).toList();
    ByteBuffer rgb =
        ByteBuffer.allocateDirect(
            Math.multiplyExact(shown.size(), shown.getFirst().picture().rgb().length));
    shown.forEach(one -> rgb.put(one.picture().rgb()));
    List<List<Detection>> seen =
        network.candidates(
            rgb.flip(),
            shown.stream().map(Shown::placement).toList(),
            options.minScore(),
            options.suppression(),
            options.max());
    for (int i = 0; i < sights.size(); i++) {
      Sight sight = sights.get(i);
      found.get(sight.picture()).addAll(sight.look().valid(shown.get(i).placement(), seen.get(i)));
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
