#import <Foundation/Foundation.h>
#import <AVFoundation/AVFoundation.h>

typedef void (^FrameCallback)(AudioBuffer *buffer, long frameCount, double timestamp);

@class RecorderQueue;

@interface Recorder : NSObject <RecorderDelegate> {
    @private
    __weak RecorderQueue *_queue;
    BOOL _paused;
}

@property (nonatomic, copy, nullable) FrameCallback frameCallback;
@property (nonatomic, readonly) BOOL isRunning;

- (instancetype)initWithQueue:(RecorderQueue *)queue;
- (void)stop;

@end
