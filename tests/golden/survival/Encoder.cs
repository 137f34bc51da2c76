namespace Wire
{
    public class Encoder
    {
        public void Append(int data)
        {
            _buffer[_length++] = (byte)(data >> 24);
            _buffer[_length++] = (byte)(data >> 16);
            _buffer[_length++] = (byte)(data >> 8);
            _buffer[_length++] = (byte)(data >> 0);
        }

        Vector2 DequeuePair()
        {
            lock (_queue) return new Vector2(
                _queue.DequeueFloat(),
                _queue.DequeueFloat()
            );
        }

        Vector3 DequeueTriple()
        {
            lock (_queue) return new Vector3(
                _queue.DequeueFloat(),
                _queue.DequeueFloat(),
                _queue.DequeueFloat()
            );
        }
    }
}
