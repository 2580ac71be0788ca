package io.millrace.inference.runtime;

import io.millrace.vision.picture.Picture;
import java.util.List;

/** A model that turns pictures into vectors. */
public interface PictureEmbedder extends ModelRuntime {

  /** Models that turn pictures into vectors. */
  Kind<PictureEmbedder> KIND = new Kind<>("representation of pictures", PictureEmbedder.class);

  /** Values of a vector. */
  int width();

  /** Vectors of pictures of any size. */
  List<float[]> vectors(List<Picture> pictures);
}
