// AdamW on float32 weights with bfloat16 moments in one pass over memory: 22 bytes a weight. Computes what
// _adamw_rounded of adamw.py does with libtorch's operations, which takes 52.

__device__ float widened(unsigned int bfloat16)
{
    return __uint_as_float(bfloat16 << 16);
}

// To nearest, ties to even.
__device__ unsigned int rounded(float value)
{
    unsigned int bits = __float_as_uint(value);
    return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

struct Step {
    float clip;         // what gradients are multiplied by
    float decay;        // learning rate * weight decay
    float beta1;
    float beta2;
    float rate;         // learning rate / (1 - beta1^t)
    float square_scale; // 1 / (1 - beta2^t)
    float epsilon;
};

// One weight and its moments, which are not rounded yet.
__device__ void move(float &weight, float gradient, float &mean, float &square, const Step &step)
{
    gradient *= step.clip;
    mean = step.beta1 * mean + (1.0f - step.beta1) * gradient;
    square = step.beta2 * square + (1.0f - step.beta2) * gradient * gradient;
    // Not times 1 - decay: a float32 near 1 says little of a small decay.
    weight -= step.decay * weight;
    weight -= step.rate * mean / (sqrtf(square * step.square_scale) + step.epsilon);
}

// Two weights, whose moments share a word.
__device__ void move_pair(
    float &first, float &second, float first_gradient, float second_gradient, unsigned int &means, unsigned int &squares,
    const Step &step)
{
    float first_mean = widened(means & 0xffff), second_mean = widened(means >> 16);
    float first_square = widened(squares & 0xffff), second_square = widened(squares >> 16);
    move(first, first_gradient, first_mean, first_square, step);
    move(second, second_gradient, second_mean, second_square, step);
    means = rounded(first_mean) | rounded(second_mean) << 16;
    squares = rounded(first_square) | rounded(second_square) << 16;
}

// A thread moves four weights; their number is a multiple of four, as FlatTensors has it.
extern "C" __global__ void adamw(
    float4 *weights, const float4 *gradients, uint2 *means, uint2 *squares, long long fours, float clip, float decay,
    float beta1, float beta2, float rate, float square_scale, float epsilon)
{
    long long at = (long long) blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= fours)
        return;
    const Step step = {clip, decay, beta1, beta2, rate, square_scale, epsilon};
    float4 weight = weights[at], gradient = gradients[at];
    uint2 mean = means[at], square = squares[at];
    move_pair(weight.x, weight.y, gradient.x, gradient.y, mean.x, square.x, step);
    move_pair(weight.z, weight.w, gradient.z, gradient.w, mean.y, square.y, step);
    weights[at] = weight;
    means[at] = mean;
    squares[at] = square;
}
