package io.millrace.training.task;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.View;
import java.util.List;

/** Samples as an encoder takes them, whatever size they are stored at. */
public final class SamplePictures {

  private final View view;

  /** For an encoder's input size. */
  public SamplePictures(PictureEncoder encoder) {
    this.view = new Letterbox(encoder.inputWidth(), encoder.inputHeight());
  }

  /** Scales pictures: by the thread that reads ahead, so that the trainer need not wait. */
  public PictureBatch batch(List<Sample> samples) {
    return PictureBatch.of(samples.stream().map(this::shown).toList());
  }

  private Picture shown(Sample sample) {
    Picture stored = new Picture(sample.getWidth(), sample.getHeight(), Samples.rgb(sample));
    return view.show(stored).picture();
  }
}
