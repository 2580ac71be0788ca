package io.millrace.training.task.representation;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.encode.EncoderBatch;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.training.stream.RecordFormat;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.View;
import java.util.ArrayList;
import java.util.List;

/**
 * Samples as batches of pictures of the encoder's input size, whatever size they are stored at;
 * boxes and labels mean nothing to an encoder.
 */
final class PictureFormat implements RecordFormat<Sample, EncoderBatch> {
  private final View view;

  PictureFormat(PictureEncoder encoder) {
    this.view = new Letterbox(encoder.inputWidth(), encoder.inputHeight());
  }

  @Override
  public Sample parse(byte[] value) {
    return Samples.parse(value);
  }

  @Override
  public long sequenceNumber(Sample sample) {
    return sample.getSequenceNumber();
  }

  @Override
  public String dataset(Sample sample) {
    return sample.getDataset();
  }

  /** Scales the pictures: by the thread that reads ahead, so that the trainer need not wait. */
  @Override
  public EncoderBatch assemble(List<Sample> samples) {
    List<Picture> pictures = new ArrayList<>(samples.size());
    for (Sample sample : samples) {
      Picture stored = new Picture(sample.getWidth(), sample.getHeight(), Samples.rgb(sample));
      pictures.add(view.show(stored).picture());
    }
    return PictureBatch.of(pictures);
  }
}
