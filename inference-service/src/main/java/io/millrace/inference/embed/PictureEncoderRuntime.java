package io.millrace.inference.embed;

import io.millrace.encoder.encode.EncoderModel;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.inference.runtime.PictureEmbedder;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Letterbox;
import java.util.List;

/**
 * An encoder of pictures.
 *
 * @param model for several pictures at a time
 * @param view brings pictures to the model's size
 */
record PictureEncoderRuntime(EncoderModel model, Letterbox view)
    implements EncoderRuntime, PictureEmbedder {

  @Override
  public int width() {
    return model.width();
  }

  @Override
  public List<float[]> vectors(List<Picture> pictures) {
    return model.encode(
        PictureBatch.of(pictures.stream().map(picture -> view.show(picture).picture()).toList()));
  }

  @Override
  public void warmUp() {
    vectors(List.of(Picture.filled(view.width(), view.height(), 0, 0, 0)));
  }
}
