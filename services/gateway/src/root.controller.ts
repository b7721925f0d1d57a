import { Controller, Get } from '@nestjs/common';
import { VOICE_NAMESPACE, WS_PATH } from '@parley/contracts';

/** `GET /`: where the doors are. */
@Controller()
export class RootController {
  @Get()
  doors() {
    return {
      service: 'parley gateway',
      doors: {
        websocket: `${WS_PATH}?agent=&mode=voice-to-voice&language=en&frameMs=20`,
        socketIo: `namespace ${VOICE_NAMESPACE}, websocket transport`,
      },
      http: ['/health', '/ready', '/metrics'],
    };
  }
}
